#pragma once
// The texts of labels, ready to be compared with a query: for each label its words in the order of the text, and its
// 3-grams of characters. Beside them the idf of words and grams over these texts, and how often each label occurs in
// training.
//
//   LabelTextsTable table = build_label_texts(names, vectorizer, counts);   // when a model is made
//   table.write(out);
//   const LabelTexts texts = LabelTexts::read(file, labels, vectorizer);    // in place
//
//   idf(t) = ln(1 + (N - df + 1/2) / (df + 1/2))     df of the N texts hold t
//
// A text is cut after kMaxWords words and kMaxGrams grams. Memory: 4 bytes a word and a gram.
// Errors: FormatError for arrays that do not fit each other. Thread rule: const methods from any thread.

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/featurize/vectorizer.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

class LabelTexts {
 public:
  static constexpr std::size_t kMaxWords = 64, kMaxGrams = 256;

  static LabelTexts read(const NpzFile& file, std::uint64_t labels, const Vectorizer& vectorizer);

  std::uint64_t labels() const { return counts_.size(); }
  // Numbers of words (Vectorizer::word), Vectorizer::kUnknownWord where a text's word has none.
  std::span<const std::uint32_t> words(LabelId label) const { return part(words_, word_offsets_, label); }
  // Features of block 2, counted from 0, increasing.
  std::span<const std::uint32_t> grams(LabelId label) const { return part(grams_, gram_offsets_, label); }
  // Fetches the entries of a label that are soon read: first where they are, then themselves.
  void fetch_offsets(LabelId label) const {
    __builtin_prefetch(&word_offsets_[label]);
    __builtin_prefetch(&gram_offsets_[label]);
    __builtin_prefetch(&counts_[label]);
    __builtin_prefetch(&word_weights_[label]);
    __builtin_prefetch(&gram_weights_[label]);
  }
  void fetch_entries(LabelId label) const {
    __builtin_prefetch(words_.data() + word_offsets_[label]);
    const std::uint32_t* const grams = grams_.data() + gram_offsets_[label];
    __builtin_prefetch(grams);
    __builtin_prefetch(grams + 16);
    __builtin_prefetch(grams + 32);
  }
  // The sums of the idf of the label's words and grams.
  float word_weight(LabelId label) const { return word_weights_[label]; }
  float gram_weight(LabelId label) const { return gram_weights_[label]; }
  // The training rows that hold the label.
  std::uint32_t count(LabelId label) const { return counts_[label]; }
  std::uint64_t rows() const { return rows_; }

  float word_idf(std::uint32_t word) const { return word < word_idf_.size() ? word_idf_[word] : unknown_idf_; }
  float gram_idf(std::uint32_t gram) const { return gram_idf_[gram]; }
  std::size_t grams_known() const { return gram_idf_.size(); }
  float unknown_idf() const { return unknown_idf_; }  // of a word or gram that no text holds
  bool is_number(std::uint32_t word) const { return word < is_number_.size() && is_number_[word] != 0; }

 private:
  friend struct LabelTextsTable;
  static std::span<const std::uint32_t> part(std::span<const std::uint32_t> all, std::span<const std::uint64_t> offsets,
                                             LabelId label) {
    return all.subspan(offsets[label], offsets[label + 1] - offsets[label]);
  }

  std::span<const std::uint64_t> word_offsets_, gram_offsets_;  // labels+1
  std::span<const std::uint32_t> words_, grams_, counts_;
  std::span<const float> word_idf_, gram_idf_;          // by word, by gram
  std::span<const float> word_weights_, gram_weights_;  // by label
  std::span<const std::uint8_t> is_number_;
  float unknown_idf_ = 0;
  std::uint64_t rows_ = 0;
};

// The arrays, when they are made.
struct LabelTextsTable {
  std::vector<std::uint64_t> word_offsets{0}, gram_offsets{0};
  std::vector<std::uint32_t> words, grams, counts;
  std::vector<float> word_idf, gram_idf, word_weights, gram_weights;
  std::vector<std::uint8_t> is_number;
  std::uint64_t rows = 0;

  // Members "texts/...".
  void write(NpzWriter& out) const;
  // As long as the table lives.
  LabelTexts view() const;
};

// counts: by label; rows: all training rows.
LabelTextsTable build_label_texts(const StoredNames& names, const Vectorizer& vectorizer,
                                  std::vector<std::uint32_t> counts, std::uint64_t rows);

}  // namespace xmr
