#pragma once
// How often each label was wanted, and the most popular ones of a range of labels: most frequent completions.
//
//   const Popular popular = Popular::read(file, "popular/", labels);
//   popular.top(prefix_range(keys, "lib"), 10, scratch, best);
//
// Counts stand beside a tree of maxima: the place of the largest count of each 16, of each 16 of those, and so on.
// A range's largest splits it in two, whose largest come next: k answers take 2k searches of about 32 log16(labels)
// counts. Equal counts go by label id. Memory and file: 4.3 bytes a label and 8 for sums, used in place.
// Errors: FormatError for arrays that do not belong together. Thread rule: const methods from any thread.

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
  // Of the range together.
  std::uint64_t total(LabelRange range) const { return range.empty() ? 0 : sums_[range.last] - sums_[range.first]; }

  struct Interval {
    LabelId first, last, largest;
  };
  // Appends the best k labels of a range, most popular first, to `best`. `scratch` is reused.
  void top(LabelRange range, std::size_t k, std::vector<Interval>& scratch, std::vector<LabelId>& best) const;

 private:
  friend class PopularTable;
  LabelId largest(LabelId first, LabelId last) const;
  bool is_better(LabelId a, LabelId b) const { return counts_[a] != counts_[b] ? counts_[a] > counts_[b] : a < b; }

  std::span<const std::uint32_t> counts_;
  std::span<const std::uint64_t> sums_;            // of the counts before a label; labels+1
  std::vector<std::span<const LabelId>> largest_;  // [n][i]: of the labels i·16^(n+1) and the following
};

// The arrays, when they are made.
class PopularTable {
 public:
  explicit PopularTable(std::vector<std::uint32_t> counts);
  // Members `prefix`counts, `prefix`sums and `prefix`largest<n>.
  void write(NpzWriter& out, const std::string& prefix) const;
  // As long as the table lives.
  Popular view() const;

 private:
  std::vector<std::uint32_t> counts_;
  std::vector<std::uint64_t> sums_{0};
  std::vector<std::vector<LabelId>> largest_;
};

}  // namespace xmr
