#include "xmr/complete/words.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <utf8proc.h>

#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

constexpr std::array<bool, 128> kAsciiWord = [] {
  std::array<bool, 128> is_word{};
  for (std::size_t c = 0; c < is_word.size(); ++c)
    is_word[c] = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  return is_word;
}();

// Returns the letter without its stroke or dot, for letters that NFD does not decompose.
char32_t plain_letter(char32_t point) {
  switch (point) {
    case U'đ':
      return U'd';
    case U'Đ':
      return U'D';
    case U'ħ':
      return U'h';
    case U'ı':
      return U'i';
    case U'ł':
      return U'l';
    case U'Ł':
      return U'L';
    case U'ø':
      return U'o';
    case U'Ø':
      return U'O';
    default:
      return point;
  }
}

// Returns the end of the run of code points from `at` on that belong to words, or, for false, to no word.
std::size_t end_of_run(std::string_view text, std::size_t at, bool of_words) {
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 128) {
      if (kAsciiWord[byte] != of_words) break;
      ++at;
      continue;
    }
    const DecodedPoint next = decode_utf8(text.substr(at));
    if (is_word_point(next.point) != of_words) break;
    at += next.length;
  }
  return at;
}

bool is_accent(char32_t point) {
  return point >= 0x300 && point <= 0x36F;
}

}  // namespace

bool is_ascii(std::string_view text) {
  std::uint64_t eight = 0, bits = 0;
  while (text.size() >= sizeof eight) {
    std::memcpy(&eight, text.data(), sizeof eight);
    bits |= eight;
    text.remove_prefix(sizeof eight);
  }
  for (const char byte : text)
    bits |= static_cast<unsigned char>(byte);
  return (bits & 0x8080808080808080U) == 0;
}

bool is_word_point(char32_t point) {
  if (point < 128) return kAsciiWord[point];
  const utf8proc_category_t category = utf8proc_category(static_cast<utf8proc_int32_t>(point));
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;  // L, M and N
}

void Words::read(std::string_view text) {
  words_.clear();
  is_plain_ = is_ascii(text);
  if (!is_plain_) {
    fold(text);
    is_plain_ = folded_ == text;
    if (!is_plain_) text = folded_;
  }
  is_open_ = false;
  for (std::size_t at = end_of_run(text, 0, false); at < text.size() && words_.size() < kMaxWords;
       at = end_of_run(text, at, false)) {
    const std::size_t begin = at;
    at = end_of_run(text, at, true);
    words_.push_back(text.substr(begin, at - begin));
    is_open_ = at == text.size();
  }
  longest_ = words_.empty() ? std::string_view()
                            : *std::ranges::max_element(words_, {}, [](std::string_view word) { return word.size(); });
  begins_with_word_ = !words_.empty() && words_.front().data() == text.data();
}

// Leaves ill-formed UTF-8 (a forged file) unchanged.
void Words::fold(std::string_view text) {
  folded_.assign(text);
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  constexpr auto kOptions = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE);
  utf8proc_ssize_t length = 0;
  for (;;) {
    length = utf8proc_decompose(bytes, size, points_.data(), static_cast<utf8proc_ssize_t>(points_.size()), kOptions);
    if (length <= static_cast<utf8proc_ssize_t>(points_.size())) break;
    points_.resize(static_cast<std::size_t>(length));
  }
  if (length < 0) return;
  folded_.clear();
  for (std::size_t i = 0; i < static_cast<std::size_t>(length); ++i) {
    const auto point = static_cast<char32_t>(points_[i]);
    if (is_accent(point)) continue;
    std::array<char, 4> utf8{};
    folded_.append(utf8.data(), encode_utf8(plain_letter(point), utf8.data()));
  }
}

bool may_hold(const Words& typed, std::string_view label) {
  return typed.size() > 0 && (label.find(typed.longest()) != std::string_view::npos || !is_ascii(label));
}

std::optional<std::size_t> find_words(const Words& typed, const Words& label) {
  if (typed.size() == 0 || label.size() < typed.size()) return {};
  const std::size_t finished = typed.finished();
  std::size_t found = 0, last = 0;
  std::optional<std::size_t> begun;
  for (std::size_t i = 0; i < label.size(); ++i) {
    const std::string_view word = label[i];
    // The number of times that the word is typed, and the number of earlier words of the label that match it.
    std::size_t typed_times = 0, used = 0;
    for (std::size_t j = 0; j < finished; ++j)
      typed_times += typed[j] == word ? 1 : 0;
    if (typed_times > 0)
      for (std::size_t j = 0; j < i; ++j)
        used += label[j] == word ? 1 : 0;
    if (used < typed_times) {
      ++found;
      if (word == typed[finished - 1]) last = i;
    } else if (!begun && typed.is_open() && word.starts_with(typed.beginning())) {
      begun = i;
    }
  }
  if (found < finished || (typed.is_open() && !begun)) return {};
  return begun.value_or(last);
}

std::optional<std::size_t> find_words(const Words& typed, std::string_view label, Words& words) {
  if (!may_hold(typed, label)) return {};
  words.read(label);
  return find_words(typed, words);
}

}  // namespace xmr
