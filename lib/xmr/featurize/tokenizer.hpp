#pragma once
// Normalises text and finds its words: the longest runs of word code points (normalization.hpp).
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
#include <string_view>
#include <vector>

#include "xmr/featurize/normalization.hpp"

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

 private:
  void reserve(std::size_t more);
  void put(const std::array<char, 4>& utf8, std::uint8_t length, bool word);
  const char* put_ascii(const char* begin, const char* end);
  const char* put_segment(const char* begin, const char* end);
  void put_combined(std::string_view segment);
  bool starts_segment(const char* at, const char* end);

  NormalizationTable table_;
  std::array<char, 128> ascii_{};       // normal form
  std::array<bool, 128> ascii_word_{};  // part of a word
  std::vector<char> text_;              // length_ bytes used
  std::vector<std::uint32_t> edges_;    // where words begin and end, in turn: edge_count_ positions used
  std::size_t length_ = 0, edge_count_ = 0;
  bool in_word_ = false;
};

}  // namespace xmr
