#pragma once
// JSON as programs write it although RFC 8259 does not allow it: NaN and Infinity, which become null; controls inside
// strings, which become blanks; halves of surrogate pairs (\ud83d), which become U+FFFD; bytes that are not UTF-8.
// Thread rule: pure functions.

#include <cstddef>
#include <string>
#include <string_view>

namespace xmr {

// Returns the text with these repaired. A byte that is not UTF-8 becomes a private code point, until restore_bytes().
std::string repaired_json(std::string_view text);

// Puts the bytes of private code points back, from `begin` on.
void restore_bytes(std::string& text, std::size_t begin);

}  // namespace xmr
