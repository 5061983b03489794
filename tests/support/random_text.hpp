#pragma once
// Random texts that are hard on everything that reads text: several alphabets, combining marks, Hangul in parts,
// compatibility forms, ill-formed UTF-8, control characters.

#include <array>
#include <string>

#include "xmr/util/random.hpp"

#include "support/plain_tokenizer.hpp"

namespace xmr::test {

inline std::string random_text(Random& random, std::size_t max_points) {
  static constexpr std::array<std::pair<char32_t, char32_t>, 26> kRanges = {{
      {U'a', U'e'},     {U'A', U'E'},     {U'0', U'2'},     {U' ', U' '},       {U' ', U'/'},     {0x00, 0x1F},
      {0xC0, 0xFF},     {0xA0, 0xBF},     {0x130, 0x131},   {0x300, 0x345},     {0x391, 0x3C9},   {0x410, 0x44F},
      {0x930, 0x94D},   {0x9BC, 0x9D7},   {0x1100, 0x11FF}, {0x1E00, 0x1EFF},   {0x1F00, 0x1FFF}, {0x2000, 0x206F},
      {0xAC00, 0xAC40}, {0xFB00, 0xFB06}, {0xFF00, 0xFFEF}, {0x1D400, 0x1D4FF}, {0xE01, 0xE4E},   {0x3041, 0x30FF},
      {0x4E00, 0x4E08}, {0xC0, 0x17F},
  }};
  std::string text;
  // Few ranges a text, so that equal words and n-grams do occur.
  const std::array<std::size_t, 3> ranges = {random.below(6), random.below(kRanges.size()),
                                             random.below(kRanges.size())};
  for (std::size_t n = random.below(max_points + 1); n > 0; --n) {
    const std::uint64_t what = random.below(20);
    if (what == 0) {
      text += static_cast<char>(random.below(256));  // most likely ill-formed
    } else if (what == 1) {
      const char32_t point = static_cast<char32_t>(random.below(0x110000));
      if (point < 0xD800 || point > 0xDFFF) text += plain_utf8({point});
    } else {
      const auto& [low, high] = kRanges[ranges[random.below(ranges.size())]];
      text += plain_utf8({static_cast<char32_t>(low + random.below(high - low + 1))});
    }
  }
  // Lines carry no line feed, and a cut sequence at the end is a case of its own.
  std::erase(text, '\n');
  if (!text.empty() && random.below(10) == 0) text.pop_back();
  return text;
}

}  // namespace xmr::test
