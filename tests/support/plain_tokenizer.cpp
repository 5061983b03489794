#include "support/plain_tokenizer.hpp"

#include <cstdlib>
#include <optional>
#include <stdexcept>

#include <utf8proc.h>

namespace xmr::test {
namespace {

struct Form {  // a row of table 3-7: the ranges of a well-formed sequence's bytes
  std::vector<std::pair<int, int>> bytes;
};
const std::vector<Form> kForms = {
    {{{0x00, 0x7F}}},
    {{{0xC2, 0xDF}, {0x80, 0xBF}}},
    {{{0xE0, 0xE0}, {0xA0, 0xBF}, {0x80, 0xBF}}},
    {{{0xE1, 0xEC}, {0x80, 0xBF}, {0x80, 0xBF}}},
    {{{0xED, 0xED}, {0x80, 0x9F}, {0x80, 0xBF}}},
    {{{0xEE, 0xEF}, {0x80, 0xBF}, {0x80, 0xBF}}},
    {{{0xF0, 0xF0}, {0x90, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}},
    {{{0xF1, 0xF3}, {0x80, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}},
    {{{0xF4, 0xF4}, {0x80, 0x8F}, {0x80, 0xBF}, {0x80, 0xBF}}},
};

// How many bytes of `form` the text starts with.
std::size_t matching(const Form& form, std::string_view text) {
  std::size_t n = 0;
  while (n < form.bytes.size() && n < text.size()) {
    const int byte = static_cast<unsigned char>(text[n]);
    if (byte < form.bytes[n].first || byte > form.bytes[n].second) break;
    ++n;
  }
  return n;
}

char32_t value(std::string_view sequence) {
  utf8proc_int32_t point = -1;
  utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(sequence.data()),
                   static_cast<utf8proc_ssize_t>(sequence.size()), &point);
  if (point < 0) throw std::logic_error("not UTF-8 for utf8proc");
  return static_cast<char32_t>(point);
}

bool makes_words(char32_t point, Tokens tokens) {
  if (tokens == Tokens::whitespace) return point != U' ' && point != U'\t';
  const std::string category = utf8proc_category_string(static_cast<utf8proc_int32_t>(point));
  return category[0] == 'L' || category[0] == 'N' || category[0] == 'M';
}

}  // namespace

std::vector<char32_t> plain_code_points(std::string_view text) {
  std::vector<char32_t> points;
  while (!text.empty()) {
    std::size_t longest = 0;
    std::optional<char32_t> point;
    for (const Form& form : kForms) {
      const std::size_t n = matching(form, text);
      if (n == form.bytes.size()) point = value(text.substr(0, n));
      longest = std::max(longest, n);
    }
    points.push_back(point.value_or(U'\uFFFD'));
    text.remove_prefix(std::max<std::size_t>(longest, 1));
  }
  return points;
}

std::string plain_utf8(const std::vector<char32_t>& points) {
  std::string text;
  for (const char32_t point : points) {
    utf8proc_uint8_t bytes[4];
    const utf8proc_ssize_t n = utf8proc_encode_char(static_cast<utf8proc_int32_t>(point), bytes);
    text.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(n));
  }
  return text;
}

// The visible code points of a text, by utf8proc's tables and the ranges that Unicode reserves.
std::vector<char32_t> visible(const std::vector<char32_t>& points) {
  const auto is_reserved = [](char32_t point) {
    return point == 0x2065 || (point >= 0xFFF0 && point <= 0xFFF8) || (point >= 0xE0000 && point <= 0xE0FFF);
  };
  std::vector<char32_t> seen;
  for (const char32_t point : points) {
    const bool is_hidden =
        is_reserved(point) || utf8proc_get_property(static_cast<utf8proc_int32_t>(point))->ignorable != 0;
    const std::string previous =
        seen.empty() ? "" : utf8proc_category_string(static_cast<utf8proc_int32_t>(seen.back()));
    if (point == 0x85 || point == 0x1680 || point == 0x2028 || point == 0x2029 || point == 0x200B)
      seen.push_back(U' ');
    else if (!is_hidden || (point == 0x200D && (previous == "So" || previous == "Sk")))
      seen.push_back(point);
  }
  return seen;
}

PlainTokens plain_tokens(std::string_view text, const TokenizerOptions& options) {
  std::vector<char32_t> points = plain_code_points(text);
  if (options.tokens == Tokens::unicode) points = visible(points);
  const std::string clean = plain_utf8(points);
  int flags = options.fold_case ? UTF8PROC_CASEFOLD : 0;
  if (options.tokens == Tokens::unicode) flags |= UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT;
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(clean.data()), static_cast<utf8proc_ssize_t>(clean.size()),
                   &mapped, static_cast<utf8proc_option_t>(flags));
  if (size < 0) throw std::runtime_error(utf8proc_errmsg(size));
  PlainTokens result;
  result.text.assign(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size));
  std::free(mapped);
  std::vector<char32_t> word;
  for (const char32_t point : plain_code_points(result.text)) {
    if (makes_words(point, options.tokens)) {
      word.push_back(point);
    } else if (!word.empty()) {
      result.words.push_back(plain_utf8(word));
      word.clear();
    }
  }
  if (!word.empty()) result.words.push_back(plain_utf8(word));
  return result;
}

}  // namespace xmr::test
