#include "xmr/featurize/scripts.hpp"

#include <algorithm>
#include <iterator>
#include <span>

#include <utf8proc.h>

namespace xmr {
namespace {

struct ScriptRange {
  std::int32_t first, last;
};

constexpr ScriptRange kUnspaced[] = {
    {0x0E01, 0x0E4E},    // Thai
    {0x0E81, 0x0ECE},    // Lao
    {0x1000, 0x103F},    // Burmese
    {0x1050, 0x109F},    // Burmese of other languages
    {0x1780, 0x17D3},    // Khmer
    {0x3005, 0x3007},    // iteration mark, closing mark, zero of Chinese numbers
    {0x3021, 0x3029},    // Suzhou numerals
    {0x3041, 0x30FF},    // Hiragana, Katakana
    {0x3105, 0x312F},    // Bopomofo
    {0x31A0, 0x31BF},    // Bopomofo of other languages
    {0x31F0, 0x31FF},    // Katakana of Ainu
    {0x3400, 0x4DBF},    // Han, extension A
    {0x4E00, 0x9FFF},    // Han
    {0xA9E0, 0xA9FE},    // Burmese, extension B
    {0xAA60, 0xAA7F},    // Burmese, extension A
    {0xAC00, 0xD7A3},    // Hangul
    {0xF900, 0xFAFF},    // Han, compatibility
    {0x1AFF0, 0x1B16F},  // Kana of old texts
    {0x20000, 0x3FFFD},  // Han, extensions B and later
};

constexpr ScriptRange kEmoji[] = {
    {0x231A, 0x231B}, {0x2328, 0x2328}, {0x23CF, 0x23CF}, {0x23E9, 0x23F3}, {0x23F8, 0x23FA},   {0x2600, 0x27BF},
    {0x2B05, 0x2B07}, {0x2B1B, 0x2B1C}, {0x2B50, 0x2B50}, {0x2B55, 0x2B55}, {0x1F000, 0x1FAFF},
};

bool is_in(std::span<const ScriptRange> ranges, std::int32_t point) {
  const auto range = std::ranges::lower_bound(ranges, point, {}, &ScriptRange::last);
  return range != ranges.end() && point >= range->first;
}

}  // namespace

bool is_unspaced(std::int32_t point) {
  return is_in(kUnspaced, point);
}

bool is_mark(std::int32_t point) {
  const utf8proc_category_t category = utf8proc_category(point);
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC || category == UTF8PROC_CATEGORY_ME;
}

bool is_emoji(std::int32_t point) {
  return is_in(kEmoji, point);
}

bool continues_emoji(std::int32_t point) {
  return point == kZeroWidthJoiner || (point >= 0x1F3FB && point <= 0x1F3FF);
}

bool is_flag_letter(std::int32_t point) {
  return point >= 0x1F1E6 && point <= 0x1F1FF;
}

}  // namespace xmr
