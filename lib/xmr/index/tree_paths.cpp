#include "xmr/index/tree_paths.hpp"

#include <algorithm>

namespace xmr {

TreePaths::TreePaths(const LabelTree& tree) : node_of_(tree.nodes_of_labels()), parents_(tree.depth()) {
  for (std::size_t level = 0; level < tree.depth(); ++level) {
    parents_[level].resize(tree.nodes(level));
    for (NodeId parent = 0; parent < tree.parents(level); ++parent)
      for (const NodeId child : tree.children(level, parent))
        parents_[level][child] = parent;
  }
}

void TreePaths::ways_to(std::span<const std::uint32_t> wanted, std::size_t level,
                        std::vector<std::vector<NodeId>>& nodes) const {
  nodes.resize(level + 1);
  std::vector<NodeId>& here = nodes[level];
  here.assign(wanted.begin(), wanted.end());
  if (level + 1 == parents_.size()) {
    for (NodeId& node : here)
      node = node_of_[node];
    std::erase(here, LabelTree::kNoPlace);
  }
  std::ranges::sort(here);
  here.erase(std::unique(here.begin(), here.end()), here.end());
  // Children of a parent are consecutive, so parents come in increasing order.
  for (; level > 0; --level) {
    std::vector<NodeId>& above = nodes[level - 1];
    above.clear();
    for (const NodeId node : nodes[level])
      if (above.empty() || above.back() != parents_[level][node]) above.push_back(parents_[level][node]);
  }
}

}  // namespace xmr
