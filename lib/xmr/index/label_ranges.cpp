#include "xmr/index/label_ranges.hpp"

#include <algorithm>

namespace xmr {

LabelRanges::LabelRanges(const LabelTree& tree) : tree_(&tree), levels_(tree.depth() - 1) {
  // Works upwards from the labels: the first label of a node is that of its first child.
  for (std::size_t level = levels_.size(); level-- > 0;) {
    const std::span<const std::uint32_t> children = tree.offsets(level + 1);
    levels_[level].starts.assign(children.begin(), children.end());
    if (level + 1 < levels_.size())
      for (LabelId& start : levels_[level].starts)
        start = levels_[level + 1].starts[start];
  }
  const std::vector<NodeId> position = tree.nodes_of_labels();
  for (Level& level : levels_) {
    std::vector<NodeId> node_of(tree.placed_labels());  // by position
    for (NodeId node = 0; node + 1 < level.starts.size(); ++node)
      std::fill(node_of.begin() + level.starts[node], node_of.begin() + level.starts[node + 1], node);
    std::vector<LabelId> next(level.starts.begin(), level.starts.end() - 1);
    level.labels.resize(tree.placed_labels());
    for (LabelId label = 0; label < tree.label_count(); ++label)
      if (position[label] != LabelTree::kNoPlace) level.labels[next[node_of[position[label]]]++] = label;
  }
}

bool LabelRanges::meets_inside(std::span<const LabelId> labels, LabelRange range) {
  const auto found = std::ranges::lower_bound(labels, range.first);
  return found != labels.end() && *found < range.last;
}

}  // namespace xmr
