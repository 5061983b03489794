#pragma once
// The nodes of a label tree that lead to labels of a fixed set, such as goods in stock. label_ranges.hpp handles a
// range of labels for each query.
//
//   const AllowedNodes nodes(tree, allowed);     // allowed[label]
//   if (nodes.has(level, node)) ...
//
// Memory: a bit a node. Construction: O(nodes). Thread rule: const methods from any thread.

#include <vector>

#include "xmr/index/label_tree.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

class AllowedNodes {
 public:
  // allowed.size() == tree.label_count() (asserted).
  AllowedNodes(const LabelTree& tree, const std::vector<bool>& allowed);

  bool has(std::size_t level, NodeId node) const { return levels_[level][node]; }
  // The number of labels of the set that have a place in the tree.
  LabelId labels() const { return labels_; }

 private:
  std::vector<std::vector<bool>> levels_;
  LabelId labels_ = 0;
};

}  // namespace xmr
