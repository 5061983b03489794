#include "xmr/featurize/accents.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

namespace xmr {
namespace {

// Latin letters that have no decomposition, and the letters that people type for them.
struct Spelling {
  std::int32_t letter;
  char32_t first, second;  // second is 0 if there is one letter
};
constexpr Spelling kSpellings[] = {
    {0xC6, U'A', U'E'}, {0xD0, U'D', 0},  {0xD8, U'O', 0},      {0xDE, U'T', U'H'},  {0xDF, U's', U's'},
    {0xE6, U'a', U'e'}, {0xF0, U'd', 0},  {0xF8, U'o', 0},      {0xFE, U't', U'h'},  {0x110, U'D', 0},
    {0x111, U'd', 0},   {0x126, U'H', 0}, {0x127, U'h', 0},     {0x131, U'i', 0},    {0x141, U'L', 0},
    {0x142, U'l', 0},   {0x14A, U'N', 0}, {0x14B, U'n', 0},     {0x152, U'O', U'E'}, {0x153, U'o', U'e'},
    {0x166, U'T', 0},   {0x167, U't', 0}, {0x1E9E, U'S', U'S'},
};

bool is_within(std::int32_t point, std::int32_t first, std::int32_t last) {
  return point >= first && point <= last;
}

bool is_accent(std::int32_t point) {
  return is_within(point, 0x300, 0x36F);
}

bool is_latin_or_greek(std::int32_t point) {
  return is_within(point, 'A', 'Z') || is_within(point, 'a', 'z') || is_within(point, 0xC0, 0x24F) ||
         is_within(point, 0x370, 0x3FF);
}

bool is_hebrew_point(std::int32_t point) {
  return is_within(point, 0x591, 0x5BD) || point == 0x5BF || is_within(point, 0x5C1, 0x5C2) ||
         is_within(point, 0x5C4, 0x5C5) || point == 0x5C7;
}

// A short vowel or a doubling.
bool is_arabic_sign(std::int32_t point) {
  return is_within(point, 0x64B, 0x652) || point == 0x670;
}

bool may_be_folded(std::int32_t point) {
  return is_accent(point) || is_hebrew_point(point) || is_arabic_sign(point);
}

// Returns true if the mark says nothing that people would not leave out.
bool is_folded(std::int32_t base, std::int32_t mark) {
  constexpr std::int32_t kCyrillicE = 0x435, kCyrillicCapitalE = 0x415, kDiaeresis = 0x308;
  constexpr std::int32_t kTatweel = 0x640;  // makes an Arabic word longer
  if (mark == kTatweel) return true;
  if (base == kCyrillicE || base == kCyrillicCapitalE) return mark == kDiaeresis;
  if (is_within(base, 0x5D0, 0x5F2)) return is_hebrew_point(mark);
  if (is_within(base, 0x620, 0x6D3)) return is_arabic_sign(mark);
  return is_latin_or_greek(base) && is_accent(mark);
}

}  // namespace

void fold_accents(std::vector<std::int32_t>& points) {
  std::vector<std::int32_t> folded;
  folded.reserve(points.size());
  std::int32_t base = 0;
  for (const std::int32_t point : points) {
    if (is_folded(base, point)) continue;
    if (!may_be_folded(point)) base = point;
    const auto* const spelling = std::ranges::lower_bound(kSpellings, point, {}, &Spelling::letter);
    if (spelling == std::end(kSpellings) || spelling->letter != point) {
      folded.push_back(point);
      continue;
    }
    folded.push_back(static_cast<std::int32_t>(spelling->first));
    if (spelling->second != 0) folded.push_back(static_cast<std::int32_t>(spelling->second));
  }
  points = std::move(folded);
}

}  // namespace xmr
