#pragma once
// Classes of code points whose words are not separated by blanks alone. The ranges are from Unicode 15 and do not
// depend on a library's version; marks do. Thread rule: pure functions.

#include <cstdint>

namespace xmr {

// Returns true for the letters and marks of scripts that put no blanks between words (Chinese, Japanese, Thai, Lao,
// Khmer, Burmese), and for Hangul, whose words carry endings.
bool is_unspaced(std::int32_t point);

// Returns true for marks, which combine with the letter before them (utf8proc's categories).
bool is_mark(std::int32_t point);

// Joins emoji to one.
inline constexpr std::int32_t kZeroWidthJoiner = 0x200D;
// Returns true for emoji and other pictures.
bool is_emoji(std::int32_t point);
// Returns true for a code point that continues the emoji before it: a joiner, a skin tone.
bool continues_emoji(std::int32_t point);
// Returns true for one of the two letters that form a flag.
bool is_flag_letter(std::int32_t point);

}  // namespace xmr
