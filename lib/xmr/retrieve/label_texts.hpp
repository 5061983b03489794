#pragma once
// The texts of labels, ready to be compared with a query: for each label its words in the order of the text, and behind
// them its 3-grams of characters. Beside them the idf of words and grams over these texts, and how often each label
// occurs in training. A label's numbers lie in one place of memory, as a query asks for hundreds of labels.
//
//   LabelTextsTable table = build_label_texts(names, vectorizer, counts, rows);   // when a model is made
//   table.write(out);
//   const LabelTexts texts = LabelTexts::read(file, labels, vectorizer);    // in place
//
//   idf(t) = ln(1 + (N - df + 1/2) / (df + 1/2))     df of the N texts hold t
//
// A text is cut after kMaxWords words and kMaxGrams grams. Memory: 24 bytes a label, 4 a word and a gram.
// Errors: FormatError for arrays that do not fit each other. Thread rule: const methods from any thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "xmr/featurize/vectorizer.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

// A label, as it lies in the file.
struct LabelText {
  std::array<std::uint32_t, 2> first = {};  // of its entries: the low and the high half of the number
  std::uint32_t rows = 0;                   // training rows that hold the label
  float word_weight = 0, gram_weight = 0;   // the sums of the idf of its words and grams
  std::uint16_t words = 0, grams = 0;       // numbers of entries

  std::size_t begin() const { return std::size_t{first[1]} << 32 | first[0]; }
};

class LabelTexts {
 public:
  static constexpr std::size_t kMaxWords = 64, kMaxGrams = 256;

  static LabelTexts read(const NpzFile& file, std::uint64_t labels, const Vectorizer& vectorizer);

  std::uint64_t labels() const { return of_.size(); }
  // Numbers of words (Vectorizer::word), Vectorizer::kUnknownWord where a text's word has none.
  std::span<const std::uint32_t> words(LabelId label) const {
    return entries_.subspan(of_[label].begin(), of_[label].words);
  }
  // Features of block 2, counted from 0, increasing.
  std::span<const std::uint32_t> grams(LabelId label) const {
    return entries_.subspan(of_[label].begin() + of_[label].words, of_[label].grams);
  }
  // Fetches a label that is soon asked for: first its numbers, then its entries.
  void fetch(LabelId label) const {
    __builtin_prefetch(&of_[label]);
    __builtin_prefetch(&of_[label].grams);
  }
  void fetch_entries(LabelId label) const {
    const std::uint32_t* const entries = entries_.data() + of_[label].begin();
    for (std::size_t line = 0; line < 4; ++line)
      __builtin_prefetch(entries + 16 * line);
  }
  // The sums of the idf of the label's words and grams.
  float word_weight(LabelId label) const { return of_[label].word_weight; }
  float gram_weight(LabelId label) const { return of_[label].gram_weight; }
  // The training rows that hold the label.
  std::uint32_t count(LabelId label) const { return of_[label].rows; }
  std::uint64_t rows() const { return rows_; }

  float word_idf(std::uint32_t word) const { return word < word_idf_.size() ? word_idf_[word] : unknown_idf_; }
  float gram_idf(std::uint32_t gram) const { return gram_idf_[gram]; }
  std::size_t grams_known() const { return gram_idf_.size(); }
  float unknown_idf() const { return unknown_idf_; }  // of a word or gram that no text holds
  bool is_number(std::uint32_t word) const { return word < is_number_.size() && is_number_[word] != 0; }

 private:
  friend struct LabelTextsTable;
  std::span<const LabelText> of_;               // by label
  std::span<const std::uint32_t> entries_;      // words and grams of the labels in order
  std::span<const float> word_idf_, gram_idf_;  // by word, by gram
  std::span<const std::uint8_t> is_number_;
  float unknown_idf_ = 0;
  std::uint64_t rows_ = 0;
};

// The arrays, when they are made.
struct LabelTextsTable {
  std::vector<LabelText> of;
  std::vector<std::uint32_t> entries;
  std::vector<float> word_idf, gram_idf;
  std::vector<std::uint8_t> is_number;
  std::uint64_t rows = 0;

  // Members "texts/...".
  void write(NpzWriter& out) const;
  // As long as the table lives.
  LabelTexts view() const;
};

// counts: by label, its training rows; rows: all of them.
LabelTextsTable build_label_texts(const StoredNames& names, const Vectorizer& vectorizer,
                                  std::span<const std::uint32_t> counts, std::uint64_t rows);

}  // namespace xmr
