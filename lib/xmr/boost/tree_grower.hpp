#pragma once
// Grows one decision tree over binned evidence, leaf by leaf: always the split of any leaf that gains most, until the
// tree has its number of leaves or no split gains.
//
//   gain of a split   G(left)² / (H(left) + λ) + G(right)² / (H(right) + λ) - G² / (H + λ)
//   value of a leaf   -rate · G / (H + λ)
//
// G and H are the sums of first and second derivatives (slopes.hpp) over the leaf's candidates. Equal gains: the lower
// column, then the lower cut. (Friedman, Annals of Statistics 2001; the form with λ: Chen and Guestrin, KDD 2016.)
//
// Cost: a pass over the candidates of the root, and of the smaller part of each split. Memory: 4 KiB for each column
// and leaf, 8 bytes a candidate. Thread rule: one object a thread; it uses the pool it was given. Groups of columns are
// the steps of a pass, so the number of threads does not change the tree.

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/boost/column_bins.hpp"
#include "xmr/boost/slopes.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// The number of leaves is limited by the bits of a mask (boosted_trees.hpp).
inline constexpr std::uint32_t kMaxLeaves = 32;

struct TreeLimits {
  std::uint32_t leaves = 31;             // 1..kMaxLeaves
  std::uint64_t least_candidates = 200;  // of a leaf, ≥ 1
  double l2 = 10;                        // λ, ≥ 0, in units of the weights
  double rate = 0.1;                     // > 0, ≤ 1
};

// A split of a grown tree. Children below 0 are leaves: ~child.
struct GrownSplit {
  std::uint32_t column;
  std::uint8_t cut;  // candidates whose bin is ≤ cut go left
  std::int32_t left, right;

  bool operator==(const GrownSplit&) const = default;
};

struct GrownDecisionTree {
  std::vector<GrownSplit> splits;  // the root first; none: the tree is one leaf
  std::vector<double> values;      // by leaf
};

class TreeGrower {
 public:
  // `unit` as for find_slopes. ConfigError for limits out of range.
  TreeGrower(const ColumnBins& bins, const TreeLimits& limits, double unit, Parallel& parallel);

  GrownDecisionTree grow(std::span<const Slopes> slopes);
  // The candidates of a leaf of the last tree, increasing.
  std::span<const std::uint32_t> candidates(std::size_t leaf) const {
    return std::span(candidates_).subspan(leaves_[leaf].begin, leaves_[leaf].end - leaves_[leaf].begin);
  }

 private:
  struct Split {
    double gain = 0;
    std::uint32_t column = 0, cut = 0;
    Slopes left;
  };
  struct Leaf {
    std::size_t begin, end;  // among candidates_
    std::size_t histogram;   // its place
    Slopes sum;
    Split best = {};
    std::int32_t parent = -1;  // split
    bool is_right = false;
  };

  std::span<Slopes> histogram(std::size_t place, std::size_t group);
  double share(const Slopes& sum) const;
  bool may_split(const Leaf& leaf) const;
  void add_candidates(const Leaf& leaf, std::size_t group, std::span<const Slopes> slopes);
  Split best_split(const Leaf& leaf, std::size_t group);
  void start(std::span<const Slopes> slopes);
  void split_leaf(std::size_t number, GrownDecisionTree& tree, std::span<const Slopes> slopes);
  std::size_t partition(const Leaf& leaf);

  const ColumnBins& bins_;
  TreeLimits limits_;
  double unit_;
  Parallel& parallel_;
  std::vector<std::uint32_t> candidates_, moved_;
  std::vector<Leaf> leaves_;
  std::vector<Slopes> histograms_;  // leaves × groups × kGroupColumns × kMaxBins
  std::vector<Split> found_;        // by group
  std::vector<Split> other_found_;
};

}  // namespace xmr
