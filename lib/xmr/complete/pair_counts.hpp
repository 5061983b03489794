#pragma once
// Counts of the label that followed each previous query.
//
//   PairCounter counter;
//   counter.add("libc6", label);  ...                     // each pair of a log
//   counter.table().write(out, "pairs/");
//   const PairCounts pairs = PairCounts::read(file, "pairs/", labels);
//   const PairCounts::Nexts nexts = pairs.nexts("libc6", range);   // labels of a range
//
// Arrays are sorted by previous text, then label, and are used in place. A look-up goes through a table of hashes, made
// when the arrays are opened: 8 to 16 bytes a text, under 100 ns. Memory of the counter: 8 bytes a pair and each text
// once. Errors: FormatError for inconsistent
// arrays. Thread rule: const methods of PairCounts from any thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "xmr/io/names.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

class PairCounts {
 public:
  static PairCounts read(const NpzFile& file, const std::string& prefix, std::uint64_t labels);

  // Increasing labels and their counts; both empty for an unknown text.
  struct Nexts {
    std::span<const LabelId> labels;
    std::span<const std::uint32_t> counts;
  };
  Nexts nexts(std::string_view previous) const;
  // The texts, increasing, and the labels of one of them.
  const StringTable& texts() const { return previous_; }
  Nexts nexts_of(std::size_t text) const {
    const std::uint64_t begin = offsets_[text], count = offsets_[text + 1] - begin;
    return {labels_.subspan(begin, count), counts_.subspan(begin, count)};
  }
  static Nexts inside(const Nexts& nexts, LabelRange range);

 private:
  friend struct PairTable;
  void hash_texts();

  StringTable previous_;              // increasing
  std::vector<std::uint32_t> slots_;  // open addressing by hash64(text): the number of the text plus 1; 0: empty
  std::span<const std::uint64_t> offsets_;
  std::span<const LabelId> labels_;
  std::span<const std::uint32_t> counts_;
};

// The arrays of PairCounts as they are built.
struct PairTable {
  StringTableBuilder previous;
  std::vector<std::uint64_t> offsets{0};
  std::vector<LabelId> labels;
  std::vector<std::uint32_t> counts;

  // Writes the members `prefix`previous/offsets, `prefix`previous/bytes, `prefix`offsets, `prefix`labels,
  // `prefix`counts.
  void write(NpzWriter& out, const std::string& prefix) const;
  // Adds the texts of another table, which must be larger than those of this one.
  void append(const PairTable& other);
  // Valid as long as the table.
  PairCounts view() const;
};

struct CountedLabel {
  LabelId label;
  std::uint32_t count;
};

class PairCounter {
 public:
  void add(std::string_view previous, LabelId next, std::uint32_t times = 1) {
    nexts_[std::string(previous)].push_back({next, times});
  }
  // Keeps, for each previous text, the `most` labels with the largest counts; ties by label.
  PairTable table(std::size_t most = static_cast<std::size_t>(-1)) const;

 private:
  std::unordered_map<std::string, std::vector<CountedLabel>> nexts_;
};

}  // namespace xmr
