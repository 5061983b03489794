#include "xmr/io/repaired_json.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

// Bytes from 0x80 on become the code points from U+10FF80 on: F4 8F BE 80 .. F4 8F BF BF in UTF-8.
constexpr char32_t kBytes = 0x10FF00;
constexpr std::string_view kBytesLead = "\xF4\x8F";

// The code unit of an escape \uXXXX at the start of the text.
std::optional<unsigned> escaped_unit(std::string_view text) {
  if (!text.starts_with("\\u") || text.size() < 6) return std::nullopt;
  unsigned unit = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
  return error == std::errc{} && end == text.data() + 6 ? std::optional(unit) : std::nullopt;
}

bool is_high(unsigned unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}

bool is_low(unsigned unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

// Appends the escape at the start of the text; returns its length.
std::size_t append_escape(std::string_view text, std::string& out) {
  constexpr std::size_t kUnit = 6;
  const std::optional<unsigned> unit = escaped_unit(text);
  if (!unit) {
    out += text.substr(0, 2);
    return std::min<std::size_t>(text.size(), 2);
  }
  const std::optional<unsigned> next = escaped_unit(text.substr(kUnit));
  if (is_high(*unit) && next && is_low(*next)) {
    out += text.substr(0, 2 * kUnit);
    return 2 * kUnit;
  }
  out += is_high(*unit) || is_low(*unit) ? std::string_view("\\ufffd") : text.substr(0, kUnit);
  return kUnit;
}

// Appends the string at the start of the text, with its quotes; returns its length.
std::size_t append_string(std::string_view text, std::string& out) {
  out += '"';
  for (std::size_t i = 1; i < text.size();) {
    if (text[i] == '\\') {
      i += append_escape(text.substr(i), out);
      continue;
    }
    const DecodedPoint point = decode_utf8(text.substr(i));
    if (point.valid) {
      if (point.point < 0x20)
        out += ' ';
      else
        out += text.substr(i, point.length);
      i += point.length;
      if (point.point == '"') return i;
      continue;
    }
    for (std::size_t end = i + point.length; i < end; ++i) {
      char bytes[4];
      out.append(bytes, encode_utf8(kBytes + static_cast<std::uint8_t>(text[i]), bytes));
    }
  }
  return text.size();
}

}  // namespace

std::string repaired_json(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '"') {
      i += append_string(text.substr(i), out);
      continue;
    }
    bool is_number = false;
    for (const std::string_view name : {"NaN", "-Infinity", "Infinity"})
      if (!is_number && text.substr(i).starts_with(name)) {
        is_number = true;
        out += "null";
        i += name.size();
      }
    if (!is_number) out += text[i++];
  }
  return out;
}

void restore_bytes(std::string& text, std::size_t begin) {
  std::size_t size = begin;
  for (std::size_t i = begin; i < text.size();) {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
    if (text.compare(i, 2, kBytesLead) == 0 && i + 3 < text.size() && byte(i + 2) >= 0xBE) {
      text[size++] = static_cast<char>(0x80U | ((byte(i + 2) & 1U) << 6) | (byte(i + 3) & 0x3FU));
      i += 4;
    } else {
      text[size++] = text[i++];
    }
  }
  text.resize(size);
}

}  // namespace xmr
