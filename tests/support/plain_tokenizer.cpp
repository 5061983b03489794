#include "support/plain_tokenizer.hpp"

#include <cstdlib>
#include <map>
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

namespace {

// Scripts without blanks and Hangul, by blocks of Unicode; of points that are letters or marks.
bool has_no_blanks(char32_t p) {
  return (p >= 0x0E00 && p <= 0x0E4E) || (p >= 0x0E80 && p <= 0x0ECE) || (p >= 0x1000 && p <= 0x103F) ||
         (p >= 0x1050 && p <= 0x109F) || (p >= 0x1780 && p <= 0x17D3) || (p >= 0x3005 && p <= 0x3007) ||
         (p >= 0x3021 && p <= 0x3029) || (p >= 0x3041 && p <= 0x30FF) || (p >= 0x3105 && p <= 0x312F) ||
         (p >= 0x31A0 && p <= 0x31BF) || (p >= 0x31F0 && p <= 0x31FF) || (p >= 0x3400 && p <= 0x4DBF) ||
         (p >= 0x4E00 && p <= 0x9FFF) || (p >= 0xA9E0 && p <= 0xA9FE) || (p >= 0xAA60 && p <= 0xAA7F) ||
         (p >= 0xAC00 && p <= 0xD7A3) || (p >= 0xF900 && p <= 0xFAFF) || (p >= 0x1AFF0 && p <= 0x1B16F) ||
         (p >= 0x20000 && p <= 0x3FFFD);
}

// The terms of a word without emoji: its letters, each with the marks behind it, grouped by script.
std::vector<std::string> cut(const std::vector<char32_t>& word) {
  struct Part {
    bool is_run;
    std::vector<std::string> letters;
  };
  std::vector<Part> parts;
  for (const char32_t point : word) {
    const bool is_mark = utf8proc_category_string(static_cast<utf8proc_int32_t>(point))[0] == 'M';
    if (is_mark && !parts.empty()) {
      parts.back().letters.back() += plain_utf8({point});
      continue;
    }
    if (parts.empty() || parts.back().is_run != has_no_blanks(point)) parts.push_back({has_no_blanks(point), {}});
    parts.back().letters.push_back(plain_utf8({point}));
  }
  std::vector<std::string> terms;
  for (const Part& part : parts) {
    std::string whole;
    for (const std::string& letter : part.letters)
      whole += letter;
    if (part.is_run && part.letters.size() > 2)
      for (std::size_t i = 0; i + 1 < part.letters.size(); ++i)
        terms.push_back(part.letters[i] + part.letters[i + 1]);
    if (parts.size() > 1) terms.push_back(whole);
  }
  terms.push_back(plain_utf8(word));
  return terms;
}

// Leaves out accents of Latin and Greek letters and of the Cyrillic ё, points of Hebrew, and vowels and tatweel of
// Arabic.
std::vector<char32_t> without_accents(const std::string& text) {
  static const std::map<char32_t, std::u32string> kPlain = {
      {U'Æ', U"AE"}, {U'æ', U"ae"}, {U'Ð', U"D"},  {U'ð', U"d"},  {U'Ø', U"O"}, {U'ø', U"o"},
      {U'Þ', U"TH"}, {U'þ', U"th"}, {U'ß', U"ss"}, {U'ẞ', U"SS"}, {U'Đ', U"D"}, {U'đ', U"d"},
      {U'Ħ', U"H"},  {U'ħ', U"h"},  {U'ı', U"i"},  {U'Ł', U"L"},  {U'ł', U"l"}, {U'Ŋ', U"N"},
      {U'ŋ', U"n"},  {U'Œ', U"OE"}, {U'œ', U"oe"}, {U'Ŧ', U"T"},  {U'ŧ', U"t"}};
  utf8proc_uint8_t* parts = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &parts, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE));
  const std::string decomposed(reinterpret_cast<const char*>(parts), static_cast<std::size_t>(size));
  std::free(parts);
  std::vector<char32_t> kept;
  char32_t base = 0;
  for (const char32_t point : plain_code_points(decomposed)) {
    static const std::u32string kPointsBetween = U"\u05BE\u05C0\u05C3\u05C6";
    const bool is_accent = point >= 0x300 && point <= 0x36F;
    const bool is_point = point >= 0x591 && point <= 0x5C7 && kPointsBetween.find(point) == std::u32string::npos;
    const bool is_vowel = (point >= 0x64B && point <= 0x652) || point == 0x670;
    const bool is_latin =
        (base >= 'A' && base <= 'Z') || (base >= 'a' && base <= 'z') || (base >= 0xC0 && base < 0x250);
    const bool is_greek = base >= 0x370 && base < 0x400;
    if (is_accent && (is_latin || is_greek || (point == 0x308 && (base == U'е' || base == U'Е')))) continue;
    if (is_point && base >= 0x5D0 && base <= 0x5F2) continue;
    if (point == 0x640 || (is_vowel && base >= 0x620 && base <= 0x6D3)) continue;
    if (!is_accent && !is_point && !is_vowel) base = point;
    const auto plain = kPlain.find(point);
    if (plain == kPlain.end())
      kept.push_back(point);
    else
      kept.insert(kept.end(), plain->second.begin(), plain->second.end());
  }
  return kept;
}

std::string composed(const std::vector<char32_t>& points) {
  const std::string text = plain_utf8(points);
  utf8proc_uint8_t* whole = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &whole, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::string result(reinterpret_cast<const char*>(whole), static_cast<std::size_t>(size));
  std::free(whole);
  return result;
}

}  // namespace

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
  if (options.fold_accents) result.text = composed(without_accents(result.text));
  const bool cuts = options.tokens == Tokens::unicode && options.unspaced == Unspaced::bigrams;
  std::vector<char32_t> word;
  const auto end_word = [&] {
    if (word.empty()) return;
    result.words.push_back(plain_utf8(word));
    if (cuts)
      for (const std::string& term : cut(word))
        result.terms.push_back(term);
    else
      result.terms.push_back(result.words.back());
    word.clear();
  };
  for (const char32_t point : plain_code_points(result.text)) {
    if (makes_words(point, options.tokens))
      word.push_back(point);
    else
      end_word();
  }
  end_word();
  return result;
}

}  // namespace xmr::test
