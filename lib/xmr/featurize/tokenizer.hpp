#pragma once
// Normalises text and finds its words: the longest runs of word code points (normalization.hpp).
//
// Terms are the words of n-grams of length 1. A word is its own term, except that
//
//   a run of a script without blanks is its overlapping pairs of characters, where marks belong to the letter before
//   them, then the run; a word of several runs stands behind them: "iphone手机壳" is "iphone", "手机", "机壳",
//   "手机壳" and itself (Unspaced::bigrams)
//   emoji part words, and each is a term (TokenizerOptions::emoji)
//   a term is its stem (TokenizerOptions::stem)
//
// Ill-formed UTF-8 counts as U+FFFD (util/utf8.hpp). More than kMaxSegment combining code points in a row are
// normalised in pieces, like UAX #15's Stream-Safe Text Format, which bounds the time for hostile text. Otherwise the
// result is that of utf8proc.
//
// Cost: about 2 ns a byte of ASCII, 5 ns a code point of other alphabets, 200 ns a combining segment. Allocates only to
// grow. Thread rule: one thread at a time per object.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/featurize/normalization.hpp"
#include "xmr/featurize/stemmer.hpp"

namespace xmr {

class Tokenizer {
 public:
  static constexpr std::size_t kMaxSegment = 64;

  explicit Tokenizer(const TokenizerOptions& options = {});

  // The results below are valid until the next call. If they need 4 GiB or more, throws DataError.
  void run(std::string_view text);

  std::string_view text() const { return {text_.data(), length_}; }
  std::size_t words() const { return edge_count_ / 2; }
  std::string_view word(std::size_t i) const {
    return {text_.data() + edges_[2 * i], edges_[2 * i + 1] - edges_[2 * i]};
  }
  // Returns true if every term is a word, or the stem of one.
  bool terms_are_words() const { return !has_cuts_; }
  // Returns true if the term is a word, or an emoji, and not a part of a word.
  bool is_word(std::size_t term) const { return !has_terms_ || terms_[term].is_word; }
  std::size_t terms() const { return has_terms_ ? terms_.size() : words(); }
  std::string_view term(std::size_t i) const {
    if (!has_terms_) return word(i);
    return {(stemmer_ ? stems_.data() : text_.data()) + terms_[i].begin, terms_[i].length};
  }

 private:
  void reserve(std::size_t more);
  void put(const std::array<char, 4>& utf8, std::uint8_t length, PointKind kind);
  const char* put_ascii(const char* begin, const char* end);
  const char* put_segment(const char* begin, const char* end);
  void put_combined(std::string_view segment);
  bool starts_segment(const char* at, const char* end);
  void end_emoji();
  void cut_terms();
  void cut_word(std::string_view word);
  void add_term(std::string_view term, bool is_word);

  NormalizationTable table_;
  std::array<char, 128> ascii_{};       // normal form
  std::array<bool, 128> ascii_word_{};  // part of a word
  std::vector<char> text_;              // length_ bytes used
  std::vector<std::uint32_t> edges_;    // where words begin and end, in turn: edge_count_ positions used
  std::size_t length_ = 0, edge_count_ = 0;
  bool in_word_ = false, in_emoji_ = false;

  // A term in text_, or in stems_ if there is a stemmer.
  struct Term {
    std::uint32_t begin, length;
    bool is_word;
  };
  std::vector<Term> terms_;
  std::unique_ptr<Stemmer> stemmer_;
  std::string stems_;
  std::vector<std::uint32_t> units_;  // where the characters of a run begin, and its end
  bool has_terms_ = false;            // terms are not the words
  bool has_cuts_ = false;             // a word has characters of PointKind::unspaced or emoji
};

}  // namespace xmr
