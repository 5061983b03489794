#pragma once
// Which nodes of a label tree lead to labels of a set: what a search asks that may answer with those only, such as the
// goods in stock. The set is the same for all queries; a range of labels that each query has for itself is the business
// of label_ranges.hpp.
//
//   const AllowedNodes nodes(tree, allowed);     // allowed[label]
//   if (nodes.has(level, node)) ...
//
// Memory: a bit a node. Cost of making it: O(nodes). Thread rule: const methods from any thread.

#include <vector>

#include "xmr/index/label_tree.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

class AllowedNodes {
 public:
  // allowed.size() == tree.label_count() (asserted).
  AllowedNodes(const LabelTree& tree, const std::vector<bool>& allowed);

  bool has(std::size_t level, NodeId node) const { return levels_[level][node]; }
  // Labels of the set that have a place.
  LabelId labels() const { return labels_; }

 private:
  std::vector<std::vector<bool>> levels_;
  LabelId labels_ = 0;
};

}  // namespace xmr
