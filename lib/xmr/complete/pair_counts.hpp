#pragma once
// Counts of the label that followed each previous query.
//
//   PairCounter counter;
//   counter.add("libc6", label);  ...                     // each pair of a log
//   counter.table().write(out, "pairs/");
//   const PairCounts pairs = PairCounts::read(file, "pairs/", labels);
//   const PairCounts::Nexts nexts = PairCounts::inside(pairs.nexts("libc6"), range);   // labels of a range
//
// Arrays are sorted by previous text, then label, and are used in place. Tables of the same texts share them. A look-up
// goes through a table of hashes, made when the arrays are opened: 13 bytes a text, under 100 ns. Memory of the
// counter: 12 bytes a pair and each text once, 8 bytes a pair more in table(); of the file: 8 bytes a pair, 12 and the
// text for each text. Errors: FormatError for inconsistent arrays; DataError for 2^32 pairs or more. Thread rule: const
// methods of PairCounts from any thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xmr/complete/text_numbers.hpp"
#include "xmr/featurize/hash_slots.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

class PairCounts {
 public:
  static PairCounts read(const NpzFile& file, const std::string& prefix, std::uint64_t labels);
  // Reads a table that was written without texts; they are shared with `of_texts`.
  static PairCounts read(const NpzFile& file, const std::string& prefix, std::uint64_t labels,
                         const PairCounts& of_texts);

  // Increasing labels and their counts; both empty for an unknown text.
  struct Nexts {
    std::span<const LabelId> labels;
    std::span<const std::uint32_t> counts;
  };
  Nexts nexts(std::string_view previous) const { return nexts_of(number_of(previous)); }
  // Returns the number of a text, or texts().size().
  std::size_t number_of(std::string_view previous) const;
  // The texts, increasing, and the labels of one of them.
  const StringTable& texts() const { return previous_; }
  Nexts nexts_of(std::size_t text) const {
    if (text >= previous_.size()) return {};
    const std::size_t begin = offsets_[text], count = offsets_[text + 1] - begin;
    return {labels_.subspan(begin, count), counts_.subspan(begin, count)};
  }
  static Nexts inside(const Nexts& nexts, LabelRange range);

 private:
  friend struct PairTable;
  void hash_texts();
  void read_counts(const NpzFile& file, const std::string& prefix, std::uint64_t labels);

  StringTable previous_;  // increasing
  std::shared_ptr<const SlotTable> slots_ = std::make_shared<const SlotTable>();
  std::span<const std::uint32_t> offsets_;
  std::span<const LabelId> labels_;
  std::span<const std::uint32_t> counts_;
};

// The arrays of PairCounts during construction.
struct PairTable {
  StringTableBuilder previous;
  std::vector<std::uint32_t> offsets{0};
  std::vector<LabelId> labels;
  std::vector<std::uint32_t> counts;

  // Writes the members `prefix`previous/offsets, `prefix`previous/bytes, `prefix`offsets, `prefix`labels,
  // `prefix`counts.
  void write(NpzWriter& out, const std::string& prefix) const;
  // Writes the last three for `texts`, which increase and hold all of this table.
  void write_counts(NpzWriter& out, const std::string& prefix, const StringTable& texts) const;
  void end_text();
  // Adds the texts of another table, which must be larger than the texts of this one.
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
  // Counters of the same texts may share them.
  explicit PairCounter(std::shared_ptr<TextNumbers> texts = std::make_shared<TextNumbers>())
      : texts_(std::move(texts)) {}

  void add(std::string_view previous, LabelId next, std::uint32_t times = 1) {
    add(texts_->number(previous), next, times);
  }
  // As above, by the number of the previous text.
  void add(std::uint32_t previous, LabelId next, std::uint32_t times = 1) {
    pairs_.push_back({previous, {next, times}});
  }
  // Keeps, for each previous text, the `most` labels with the largest counts; ties by label. `number_of`: the label
  // that the table has in place of each one; kLeftOut: none; empty: the same labels.
  PairTable table(std::size_t most = static_cast<std::size_t>(-1), std::span<const LabelId> number_of = {}) const;

  static constexpr LabelId kLeftOut = 0xffffffffU;

 private:
  struct Pair {
    std::uint32_t previous;  // its number among the texts
    CountedLabel next;
  };

  std::shared_ptr<TextNumbers> texts_;
  std::vector<Pair> pairs_;
};

}  // namespace xmr
