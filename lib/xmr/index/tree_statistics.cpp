#include "xmr/index/tree_statistics.hpp"

#include <utility>

namespace xmr {

std::vector<LevelStatistics> level_statistics(const LabelTree& tree) {
  std::vector<LevelStatistics> levels(tree.depth());
  // The labels below each node of the level. A node of the last level is a label, and there may be many.
  std::vector<std::uint64_t> labels(tree.placed_labels() > 0 ? 1 : 0, 1);
  for (std::size_t level = tree.depth(); level-- > 0;) {
    std::vector<std::uint64_t> children, labels_above;
    for (NodeId parent = 0; parent < tree.parents(level); ++parent) {
      children.push_back(tree.children(level, parent).size());
      if (level + 1 == tree.depth()) {
        labels_above.push_back(children.back());
        continue;
      }
      labels_above.push_back(0);
      for (const NodeId child : tree.children(level, parent))
        labels_above.back() += labels[child];
    }
    levels[level] = {tree.nodes(level), spread(std::move(children)), spread(std::move(labels))};
    labels = std::move(labels_above);
  }
  return levels;
}

}  // namespace xmr
