#include "xmr/featurize/column_text.hpp"

#include <numeric>

#include "xmr/featurize/word_table.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

// Writes the code points of well-formed UTF-8 to `out`, which has room for one a byte. Returns their end.
std::uint32_t* put_points(std::string_view text, std::uint32_t* out) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      *out++ = byte;
      ++i;
    } else {
      const DecodedPoint next = decode_utf8(text.substr(i));
      *out++ = static_cast<std::uint32_t>(next.point);
      i += next.length;
    }
  }
  return out;
}

}  // namespace

void ColumnText::require(const BlockOptions& block) {
  needs_words_ |= block.kind == GramKind::word && block.hash_bits == 0;
  needs_hashes_ |= block.kind == GramKind::word;
  needs_chars_ |= block.kind == GramKind::char_;
  needs_padded_ |= block.kind == GramKind::char_wb;
  needs_places_ |= block.tf == TermFrequency::word_position;
}

void ColumnText::read_symbols(Tokenizer& tokenizer, std::string_view text) {
  tokenizer.run(text);
  const std::size_t words = tokenizer.words();
  if (needs_hashes_) {
    word_hashes_.resize(tokenizer.terms());
    for (std::size_t i = 0; i < tokenizer.terms(); ++i)
      word_hashes_[i] = word_hash(tokenizer.term(i));
  }
  if (needs_chars_) {
    chars_.resize(tokenizer.text().size());
    chars_.resize(static_cast<std::size_t>(put_points(tokenizer.text(), chars_.data()) - chars_.data()));
  }
  if (needs_padded_) {
    padded_.resize(tokenizer.text().size() + 2 * words);
    padded_ends_.resize(words);
    std::uint32_t* out = padded_.data();
    for (std::size_t i = 0; i < words; ++i) {
      *out++ = kBoundary;
      out = put_points(tokenizer.word(i), out);
      *out++ = kBoundary;
      padded_ends_[i] = static_cast<std::size_t>(out - padded_.data());
    }
    padded_.resize(static_cast<std::size_t>(out - padded_.data()));
  }
  if (needs_places_) read_places(tokenizer);
}

void ColumnText::select_words(const Tokenizer& tokenizer) {
  has_parts_ = !tokenizer.terms_are_words();
  if (!has_parts_) return;
  whole_words_.clear();
  whole_hashes_.clear();
  for (std::size_t i = 0; i < tokenizer.terms(); ++i) {
    if (!tokenizer.is_word(i)) continue;
    whole_hashes_.push_back(word_hashes_[i]);
    if (needs_words_) whole_words_.push_back(words_[i]);
  }
}

void ColumnText::read_places(const Tokenizer& tokenizer) {
  const std::string_view text = tokenizer.text();
  char_places_.assign(chars_.size(), 0);
  std::size_t behind = 0, point = 0;  // end of the last word, in bytes and in characters
  for (std::size_t i = 0; needs_chars_ && i < tokenizer.words(); ++i) {
    const std::string_view word = tokenizer.word(i);
    const auto begin = static_cast<std::size_t>(word.data() - text.data());
    point += count_points(text.substr(behind, begin - behind));
    const std::size_t points = count_points(word);
    std::iota(char_places_.begin() + static_cast<std::ptrdiff_t>(point),
              char_places_.begin() + static_cast<std::ptrdiff_t>(point + points), 0U);
    behind = begin + word.size();
    point += points;
  }
  padded_places_.resize(padded_.size());
  std::size_t begin = 0;
  for (const std::size_t end : padded_ends_) {
    std::iota(padded_places_.begin() + static_cast<std::ptrdiff_t>(begin),
              padded_places_.begin() + static_cast<std::ptrdiff_t>(end), 0U);
    begin = end;
  }
}

std::uint32_t ColumnText::place(const BlockOptions& block, const Gram& gram) const {
  if (block.kind == GramKind::char_wb) return padded_places_[static_cast<std::size_t>(gram.symbols - padded_.data())];
  const auto place = static_cast<std::uint32_t>(gram.symbols - chars_.data());
  return block.tf == TermFrequency::position ? place : char_places_[place];
}

}  // namespace xmr
