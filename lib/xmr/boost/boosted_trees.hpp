#pragma once
// A sum of decision trees of at most 32 leaves, laid out so that many candidates are scored at once without a branch
// (QuickScorer: Lucchese et al., SIGIR 2015; many candidates a vector: Lucchese et al., SIGIR 2016).
//
// The leaves of a tree are the bits of a mask, from left to right. A split holds the mask of the leaves that a
// candidate can still reach if its number is above the threshold; all such masks are combined by "and", and the lowest
// bit left is the candidate's leaf. A missing number (NaN) is above no threshold, so it goes left.
//
// A candidate's sum starts at 0 and takes the trees in order, each sum rounded to float: the same bits on every
// machine. Cost: a comparison for each split and candidate, 16 of them at once with AVX-512; allocates nothing. Thread
// rule: const methods from any thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/boost/evidence_view.hpp"
#include "xmr/boost/tree_grower.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"

namespace xmr {

struct TreeSplit {
  std::uint32_t column;
  float threshold;     // numbers above it go right
  std::uint32_t kept;  // bits of the leaves that remain for a candidate that goes right

  bool operator==(const TreeSplit&) const = default;
};

class BoostedTrees {
 public:
  std::size_t trees() const { return offsets_.size() - 1; }
  // One more than the largest column of a split; 0 without splits.
  std::size_t columns() const { return columns_; }
  std::span<const TreeSplit> splits(std::size_t tree) const {
    return std::span(splits_).subspan(offsets_[tree], offsets_[tree + 1] - offsets_[tree]);
  }
  // Returns kMaxLeaves values, from left to right; values of absent leaves are 0.
  std::span<const float> values(std::size_t tree) const {
    return std::span(values_).subspan(tree * kMaxLeaves, kMaxLeaves);
  }

  void append(const GrownDecisionTree& tree, const ColumnBins& bins);
  // Drops all trees but the first ones.
  void keep(std::size_t trees);

  // Adds the values of trees first..last-1 to the sums of a tile's first `count` candidates; may change the others'.
  // The tile has columns() columns or more.
  void add_to(std::span<float, kTileCandidates> sums, std::size_t count, std::span<const float> tile, std::size_t first,
              std::size_t last) const;

  // Members of an archive, each name behind the prefix. read() throws FormatError for arrays of other lengths, columns
  // beyond `columns`, thresholds and values that are not finite, trees of more than kMaxLeaves leaves and masks that
  // lead to no leaf.
  void write(NpzWriter& out, const std::string& prefix) const;
  static BoostedTrees read(const NpzFile& file, const std::string& prefix, std::size_t columns);

  bool operator==(const BoostedTrees&) const = default;

 private:
  std::size_t columns_ = 0;
  std::vector<std::uint32_t> offsets_ = {0};  // trees+1, of splits
  std::vector<TreeSplit> splits_;
  std::vector<float> values_;  // trees × kMaxLeaves
};

}  // namespace xmr
