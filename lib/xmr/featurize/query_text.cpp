#include "xmr/featurize/query_text.hpp"

#include <algorithm>
#include <utility>

namespace xmr {
namespace {

bool is_blank(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return value <= 0x20 || value == 0x7F;
}

}  // namespace

QueryNormalizer::QueryNormalizer(const QueryForm& form)
    : tokenizer_({.tokens = Tokens::unicode, .fold_case = form.fold_case}), punctuation_(form.punctuation) {}

std::string_view QueryNormalizer::query(std::string_view raw) {
  run(raw);
  return normal_;
}

std::string_view QueryNormalizer::prefix(std::string_view raw) {
  run(raw);
  if (blank_ && !normal_.empty()) normal_ += ' ';
  return normal_;
}

void QueryNormalizer::run(std::string_view raw) {
  is_dropped_ = false;
  pass(raw);
  if (!is_dropped_) return;
  // The characters on both sides may combine.
  const bool blank = blank_;
  std::swap(normal_, parted_);
  pass(parted_);
  blank_ = blank;
}

void QueryNormalizer::pass(std::string_view raw) {
  tokenizer_.run(raw);
  const std::string_view text = tokenizer_.text();
  normal_.clear();
  blank_ = false;
  std::size_t behind = 0;  // the last word
  for (std::size_t i = 0; i < tokenizer_.words(); ++i) {
    const std::string_view word = tokenizer_.word(i);
    const auto begin = static_cast<std::size_t>(word.data() - text.data());
    put(text.substr(behind, begin - behind), false);
    put(word, true);
    behind = begin + word.size();
  }
  put(text.substr(behind), false);
}

void QueryNormalizer::put(std::string_view piece, bool word) {
  for (const char byte : piece) {
    if (!word && is_blank(byte)) {
      blank_ = true;
      continue;
    }
    if (!word && punctuation_ == Punctuation::drop) {
      is_dropped_ = true;
      continue;
    }
    if (!word && punctuation_ == Punctuation::blank) {
      blank_ = true;
      continue;
    }
    if (blank_ && !normal_.empty()) normal_ += ' ';
    blank_ = false;
    normal_ += byte;
  }
}

}  // namespace xmr
