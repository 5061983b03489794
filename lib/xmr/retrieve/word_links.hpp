#pragma once
// Words of queries and the words of the texts of labels that the log finds with them: "couch" and "sofa". They speak
// for labels without rows, too.
//
//   strength(q, w) = max(0, n(q, w) - n(q) n(w) / N - 1/2) / (n(q) + 2)
//
// n(q): rows of the N of the log that hold q. n(w): rows with a label whose text holds w. n(q, w): both, at least
// kMinRows. A word has its kMaxLinks strongest links, equal strengths by word.
//
//   WordLinksTable table = build_word_links(words, y, texts, parallel);   // when a model is made
//   table.write(out);
//   const WordLinks links = WordLinks::read(file, words);                 // in place
//
// Cost of a build: a step for each word of a row and word of its labels' texts, kMaxTextWords a row at most.
// Memory: 8 bytes a link. Errors: FormatError for arrays that do not fit each other. Thread rule: const methods from
// any thread; the same links for any number of threads.

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/retrieve/label_texts.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

class WordLinks {
 public:
  static constexpr std::size_t kMaxLinks = 32, kMaxTextWords = 64;
  static constexpr std::uint32_t kMinRows = 2;

  static WordLinks read(const NpzFile& file, std::uint64_t words);

  // Numbers of the links of a word of a query, which begin with the strongest; none for a word without a number.
  std::size_t begin(std::uint32_t word) const { return is_known(word) ? offsets_[word] : 0; }
  std::size_t end(std::uint32_t word) const { return is_known(word) ? offsets_[word + 1] : 0; }
  std::uint32_t word(std::size_t link) const { return words_[link]; }
  float strength(std::size_t link) const { return strengths_[link]; }  // above 0, at most 1

 private:
  friend struct WordLinksTable;
  bool is_known(std::uint32_t word) const { return word + std::uint64_t{1} < offsets_.size(); }

  std::span<const std::uint64_t> offsets_;  // words+1
  std::span<const std::uint32_t> words_;
  std::span<const float> strengths_;
};

// The arrays, when they are made.
struct WordLinksTable {
  std::vector<std::uint64_t> offsets{0};
  std::vector<std::uint32_t> words;
  std::vector<float> strengths;

  // Members "links/...".
  void write(NpzWriter& out) const;
  // As long as the table lives.
  WordLinks view() const;
};

// words: rows × words, by number of the vectorizer; y: rows × labels.
WordLinksTable build_word_links(CsrView words, CsrView y, const LabelTexts& texts, Parallel& parallel);

}  // namespace xmr
