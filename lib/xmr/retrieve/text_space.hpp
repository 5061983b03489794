#pragma once
// The features that a retrieval model reads from a text. One vectorizer counts n-grams in four blocks; every source
// takes its own features from that one row of counts:
//
//   block 0  words                   BM25 over words: counts
//   block 1  pairs of words
//   block 2  3 characters in a word  blocks 0..2: trees and neighbours, weighed by idf, each block and the row of norm 1
//   block 3  4 and 5 characters      blocks 2..3: BM25 over characters, counts
//
//   idf(t) = ln((1 + N) / (1 + df(t))) + 1     df of the N rows and texts of labels hold t
//
// TextReader allocates nothing once its memory has grown. Thread rule: one reader a thread; readers share vectorizer
// and idf, which must outlive them.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "xmr/featurize/vectorizer.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

inline constexpr std::size_t kWeighedBlocks = 3;  // of kTextBlocks
inline constexpr std::size_t kTextBlocks = 4;

// The options of the vectorizer. An n-gram of blocks 1 and 3 is a feature if at least `min_df` texts hold it.
VectorizerOptions text_space_options(std::uint32_t min_df);

// Returns true if the vectorizer makes blocks 0..2 with the weights for trees: --word 1 --word 2 --char-wb 3, any
// vocabulary and tokenizer, else the defaults of xmr-featurize fit.
bool makes_weighed_blocks(const Vectorizer& vectorizer);

// The range of features of each source.
struct TextSpace {
  // ConfigError for a vectorizer with other blocks.
  explicit TextSpace(const Vectorizer& vectorizer);

  std::array<FeatureId, kTextBlocks + 1> block{};
  FeatureId words() const { return block[1]; }
  FeatureId weighed() const { return block[kWeighedBlocks]; }
  FeatureId first_gram() const { return block[2]; }
  FeatureId grams() const { return block[kTextBlocks] - block[2]; }
};

// The part of a row with features first..last-1, renumbered from 0; `indices` holds them.
SparseRow cut_row(SparseRow row, FeatureId first, FeatureId last, std::vector<std::uint32_t>& indices);

// Gives a row of counts of blocks 0..2 its weights in place.
void weigh_row(const TextSpace& space, std::span<const std::uint32_t> indices, std::span<const float> idf,
               std::span<float> values);

// Everything that is read from one text; valid until the next.
struct ReadText {
  SparseRow words, grams;                   // counts; features numbered from 0
  SparseRow weighed;                        // blocks 0..2
  std::span<const std::uint32_t> order;     // the words' numbers in the order of the text
  std::span<const std::uint8_t> is_number;  // by word of `order`: 1 if the word holds a digit
};

// True if the word holds an ASCII digit.
bool holds_digit(std::string_view word);

class TextReader {
 public:
  // idf: by feature of blocks 0..2.
  TextReader(const Vectorizer& vectorizer, std::span<const float> idf);

  const ReadText& operator()(std::string_view text);

 private:
  const Vectorizer& vectorizer_;
  TextSpace space_;
  std::span<const float> idf_;
  Vectorizer::Scratch scratch_;
  std::vector<std::uint32_t> gram_indices_;
  std::vector<float> weights_;
  std::vector<std::uint8_t> numbers_;
  ReadText read_;
};

}  // namespace xmr
