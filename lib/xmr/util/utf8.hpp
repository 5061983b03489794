#pragma once
// UTF-8, one code point at a time. Ill-formed bytes (Unicode 15, table 3-7: overlong forms, surrogates, values above
// U+10FFFF, cut sequences) are read as U+FFFD, one for each maximal part of a sequence. The Unicode standard recommends
// this; browsers and Python do it, too. Nothing is read beyond the end.
// Thread rule: pure functions.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace xmr {

inline constexpr char32_t kReplacement = 0xFFFD;

struct DecodedPoint {
  char32_t point;
  std::uint8_t length;  // bytes read, 1..4
  bool valid;           // false: `point` is kReplacement in place of ill-formed bytes
};

// The code point at the start of `text`, which is not empty.
inline DecodedPoint decode_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  if (lead < 0xC2 || lead > 0xF4) return {kReplacement, 1, false};
  const std::uint8_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  // Only the second byte has a range of its own; it excludes overlong forms, surrogates and values above U+10FFFF.
  std::uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  std::uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  char32_t point = lead & (0x7FU >> length);
  for (std::uint8_t i = 1; i < length; ++i) {
    if (i >= text.size() || byte(i) < low || byte(i) > high) return {kReplacement, i, false};
    point = (point << 6) | (byte(i) & 0x3FU);
    low = 0x80;
    high = 0xBF;
  }
  return {point, length, true};
}

// Writes a code point (a Unicode scalar value) to `out`, which has room for 4 bytes; returns the number written.
inline std::uint8_t encode_utf8(char32_t point, char* out) {
  const auto tail = [point](int shift) { return static_cast<char>(0x80 | ((point >> shift) & 0x3F)); };
  if (point < 0x80) {
    out[0] = static_cast<char>(point);
    return 1;
  }
  if (point < 0x800) {
    out[0] = static_cast<char>(0xC0 | (point >> 6));
    out[1] = tail(0);
    return 2;
  }
  if (point < 0x10000) {
    out[0] = static_cast<char>(0xE0 | (point >> 12));
    out[1] = tail(6);
    out[2] = tail(0);
    return 3;
  }
  out[0] = static_cast<char>(0xF0 | (point >> 18));
  out[1] = tail(12);
  out[2] = tail(6);
  out[3] = tail(0);
  return 4;
}

// Returns the position of the first byte that is not part of well-formed UTF-8, or npos.
inline std::size_t find_invalid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    std::uint64_t eight = 0;  // ASCII, eight bytes at a time
    for (; text.size() - i >= sizeof eight; i += sizeof eight) {
      std::memcpy(&eight, text.data() + i, sizeof eight);
      if ((eight & 0x8080808080808080U) != 0) break;
    }
    if (i == text.size()) break;
    const DecodedPoint next = decode_utf8(text.substr(i));
    if (!next.valid) return i;
    i += next.length;
  }
  return std::string_view::npos;
}

// True if a byte of well-formed UTF-8 begins a code point.
inline bool begins_point(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

// Code points of well-formed UTF-8.
inline std::size_t count_points(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, begins_point));
}

}  // namespace xmr
