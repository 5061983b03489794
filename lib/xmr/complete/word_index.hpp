#pragma once
// An inverted index from the words of labels to the labels, most frequent labels first, and the search for labels that
// hold typed words in any order.
//
//   const WordIndexTable table(keys, counts);   table.write(out, "words/");
//   const WordIndex index = WordIndex::read(file, "words/", labels);
//   WordSearch search(index, keys);
//   search(typed, in_range, 20, found);    // "dev lib" finds libssl-dev
//
// Labels are numbered by rank: falling count, then label id. A word (words.hpp) has two lists of ranks: of labels that
// begin with the word, byte by byte, and of all other labels that hold it. A list is its increasing ranks, each less
// the one before, in 7-bit groups (LEB128).
//
// Memory and file: 4 bytes a label, 16 a word and its text, 1 to 2 for each word of a label. Opening decodes all lists.
// Errors: FormatError for inconsistent arrays. Thread rule: const methods of WordIndex from any thread; one WordSearch
// a thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/complete/words.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

using LabelRank = std::uint32_t;

class WordIndex {
 public:
  static WordIndex read(const NpzFile& file, const std::string& prefix, std::uint64_t labels);

  // The two lists of a word.
  enum class Holds : std::uint8_t { begin, inside };
  static constexpr std::size_t kLists = 2;

  std::size_t words() const { return words_.size(); }
  LabelId label(LabelRank rank) const { return by_rank_[rank]; }
  // The words first..last-1 that begin with a text, or equal it.
  LabelRange beginning_with(std::string_view text) const;
  LabelRange equal(std::string_view text) const;
  // The bytes of the lists of words; a measure of their lengths.
  std::uint64_t bytes(LabelRange words) const;
  std::span<const std::uint8_t> list(std::uint32_t word, Holds holds) const;
  // The word with the smallest first rank in a list, among the words first..last-1, at least one.
  std::uint32_t best(Holds holds, std::uint32_t first, std::uint32_t last) const;
  // The first rank of a list; kNoRank if it is empty.
  LabelRank first(std::uint32_t word, Holds holds) const { return first_[static_cast<std::size_t>(holds)][word]; }

  static constexpr LabelRank kNoRank = 0xffffffffU;

 private:
  friend class WordIndexTable;
  void find_best();

  static constexpr std::uint32_t kBranching = 16;

  StringTable words_;                       // increasing
  std::span<const std::uint32_t> offsets_;  // [kLists·word + list]; into postings_
  std::span<const std::uint8_t> postings_;
  std::span<const LabelId> by_rank_;
  std::array<std::vector<LabelRank>, kLists> first_;
  // [list][n][i]: the word with the smallest first rank of 16^(n+1) words from i·16^(n+1) on.
  std::array<std::vector<std::vector<std::uint32_t>>, kLists> best_;
};

// The arrays of WordIndex as they are built.
class WordIndexTable {
 public:
  // `counts`: of each label.
  WordIndexTable(const StringTable& keys, std::span<const std::uint32_t> counts);
  // Writes the members `prefix`texts/offsets, `prefix`texts/bytes, `prefix`offsets, `prefix`postings and
  // `prefix`labels.
  void write(NpzWriter& out, const std::string& prefix) const;
  // Valid as long as the table.
  WordIndex view() const;

 private:
  StringTableBuilder words_;
  std::vector<std::uint32_t> offsets_{0};
  std::vector<std::uint8_t> postings_;
  std::vector<LabelId> by_rank_;
};

// The increasing ranks of a list.
class RankList {
 public:
  RankList() = default;
  explicit RankList(std::span<const std::uint8_t> bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {
    next();
  }

  // WordIndex::kNoRank behind the last one.
  LabelRank rank() const { return rank_; }
  void next() {
    if (at_ == end_) {
      rank_ = WordIndex::kNoRank;
      return;
    }
    std::uint32_t gap = *at_ & 0x7fU;
    for (unsigned shift = 7; (*at_++ & 0x80U) != 0; shift += 7)
      gap |= (*at_ & 0x7fU) << shift;
    rank_ += gap + 1;
  }

 private:
  const std::uint8_t* at_ = nullptr;
  const std::uint8_t* end_ = nullptr;
  LabelRank rank_ = WordIndex::kNoRank;  // one before the first rank, modulo 2^32
};

class WordSearch {
 public:
  // The bounds of a search. Behind them the less frequent labels are not found.
  static constexpr std::size_t kMaxRanks = 16384;   // decoded
  static constexpr std::size_t kMaxMerged = 2048;   // of several lists
  static constexpr std::size_t kMaxChecked = 1024;  // labels compared with the typed words

  // `allowed`: the labels that may be found, by label; null: all. The bounds do not count other labels. If at most
  // kMaxChecked labels are allowed, all of them are compared. All must outlive the object.
  WordSearch(const WordIndex& index, const StringTable& keys, const std::vector<bool>* allowed = nullptr);

  // Appends the k most frequent labels outside `without` that hold the typed words, in falling order. A typed text
  // without a word finds none.
  void operator()(const Words& typed, LabelRange without, std::size_t k, std::vector<LabelId>& found);

 private:
  // The lists of a range of words, by their next ranks.
  struct Interval {
    LabelRank rank;
    std::uint32_t first, last, word;  // first == last: only the rest of `list`
    WordIndex::Holds holds;
    RankList list;
  };
  void search_union(LabelRange words, bool with_begin);
  void search_common();
  bool is_allowed(LabelRank rank) const { return allowed_ == nullptr || (*allowed_)[index_.label(rank)]; }
  void push(std::uint32_t first, std::uint32_t last, WordIndex::Holds holds);
  void push(Interval interval);
  bool offer(LabelRank rank, bool holds = false);

  const WordIndex& index_;
  const StringTable& keys_;
  const std::vector<bool>* allowed_;
  std::vector<LabelRank> few_;  // the ranks of the allowed labels, if they are at most kMaxChecked; else empty
  const Words* typed_ = nullptr;
  LabelRange without_;
  std::size_t wanted_ = 0, checked_ = 0;
  std::vector<LabelId>* found_ = nullptr;
  std::vector<Interval> heap_;
  std::vector<RankList> lists_;  // two of each finished word
  std::vector<LabelRange> finished_;
  Words label_;
};

}  // namespace xmr
