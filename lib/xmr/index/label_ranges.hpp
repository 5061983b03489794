#pragma once
// Finds the nodes of a label tree that lead to a label of a given range, for a search restricted to these labels.
//
//   const LabelRanges ranges(tree);
//   if (ranges.meets(level, node, {first, last})) ...   // does one of the labels first..last-1 hang below the node?
//
// Each node of each level above the labels knows its labels in increasing order. If they are consecutive, as in the
// nodes of a trie, the first and the last one suffice; otherwise (k-means) it takes a binary search.
// Memory: 4 bytes a label and level. Cost of making it: O(labels × depth), no sorting.
// Thread rule: const methods from any thread.

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/index/label_tree.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

class LabelRanges {
 public:
  // The tree must outlive it.
  explicit LabelRanges(const LabelTree& tree);

  bool meets(std::size_t level, NodeId node, LabelRange range) const {
    if (level + 1 == tree_->depth()) return range.contains(tree_->label(node));
    const std::span<const LabelId> labels = this->labels(level, node);
    if (range.empty() || labels.empty() || labels.back() < range.first || labels.front() >= range.last) return false;
    return range.first <= labels.front() || labels.back() < range.last || meets_inside(labels, range);
  }
  // The labels below a node of a level above the last one, increasing.
  std::span<const LabelId> labels(std::size_t level, NodeId node) const {
    const Level& in = levels_[level];
    return std::span(in.labels).subspan(in.starts[node], in.starts[node + 1] - in.starts[node]);
  }

 private:
  struct Level {
    std::vector<LabelId> starts;  // of each node's labels; nodes+1
    std::vector<LabelId> labels;
  };
  static bool meets_inside(std::span<const LabelId> labels, LabelRange range);

  const LabelTree* tree_;
  std::vector<Level> levels_;  // all but the last one
};

}  // namespace xmr
