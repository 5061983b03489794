#include "xmr/index/allowed_nodes.hpp"

#include <cassert>

namespace xmr {

AllowedNodes::AllowedNodes(const LabelTree& tree, const std::vector<bool>& allowed) : levels_(tree.depth()) {
  assert(allowed.size() == tree.label_count());
  std::vector<bool>& leaves = levels_.back();
  leaves.resize(tree.placed_labels());
  const std::span<const LabelId> labels = tree.labels();
  for (NodeId leaf = 0; leaf < leaves.size(); ++leaf) {
    leaves[leaf] = allowed[labels[leaf]];
    labels_ += leaves[leaf] ? 1 : 0;
  }
  for (std::size_t level = tree.depth() - 1; level-- > 0;) {
    levels_[level].resize(tree.nodes(level));
    for (NodeId node = 0; node < tree.nodes(level); ++node)
      for (const NodeId child : tree.children(level + 1, node))
        if (levels_[level + 1][child]) {
          levels_[level][node] = true;
          break;
        }
  }
}

}  // namespace xmr
