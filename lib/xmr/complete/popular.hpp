#pragma once
// Counts of labels as next queries, and the most frequent labels of a range.
//
//   const Popular popular = Popular::read(file, "popular/", labels);
//   popular.top(prefix_range(keys, "lib"), 10, scratch, best);
//
// A tree of maxima holds the label with the largest count of each 16 labels, of each 16 of these, and so on. The
// largest label of a range splits it in two; k answers need 2k searches of about 32 log16(labels) counts. Equal counts
// are ordered by label id. Memory and file: 4.3 bytes a label and 8 for sums, used in place. Errors: FormatError for
// inconsistent arrays. Thread rule: const methods from any thread.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

class Popular {
 public:
  static constexpr std::uint32_t kBranching = 16;

  static Popular read(const NpzFile& file, const std::string& prefix, std::uint64_t labels);

  std::uint32_t count(LabelId label) const { return counts_[label]; }
  // The sum of the counts of a range.
  std::uint64_t total(LabelRange range) const { return range.empty() ? 0 : sums_[range.last] - sums_[range.first]; }

  struct Interval {
    LabelId first, last, largest;
  };
  // Appends the k labels of a range with the largest counts, in falling order, to `best`; labels with a count below
  // `least` are left out. `scratch` is reused.
  void top(LabelRange range, std::size_t k, std::vector<Interval>& scratch, std::vector<LabelId>& best,
           std::uint32_t least = 0) const;

 private:
  friend class PopularTable;
  LabelId largest(LabelId first, LabelId last) const;
  bool is_better(LabelId a, LabelId b) const { return counts_[a] != counts_[b] ? counts_[a] > counts_[b] : a < b; }

  std::span<const std::uint32_t> counts_;
  std::span<const std::uint64_t> sums_;            // sums of the counts before each label; labels+1
  std::vector<std::span<const LabelId>> largest_;  // [n][i]: largest of 16^(n+1) labels from i·16^(n+1) on
};

// The arrays of Popular as they are built.
class PopularTable {
 public:
  explicit PopularTable(std::vector<std::uint32_t> counts);
  // Writes the members `prefix`counts, `prefix`sums and `prefix`largest<n>.
  void write(NpzWriter& out, const std::string& prefix) const;
  // Valid as long as the table.
  Popular view() const;

 private:
  std::vector<std::uint32_t> counts_;
  std::vector<std::uint64_t> sums_{0};
  std::vector<std::vector<LabelId>> largest_;
};

}  // namespace xmr
