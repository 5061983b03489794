#pragma once
// Paths from labels up to the root of a label tree.
//
//   const TreePaths paths(tree);
//   paths.ways_to(labels, paths.depth() - 1, nodes);       // nodes[level]: nodes that lead to one of the labels
//
// Memory: 4 bytes a node and label. Construction: O(nodes). Thread rule: const methods from any thread.

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/index/label_tree.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

class TreePaths {
 public:
  explicit TreePaths(const LabelTree& tree);

  // Finds the nodes of each level down to `level` that lead to one of `wanted`, increasing. `wanted` are labels if
  // `level` is the last one, else nodes of `level`. Labels without a place are skipped. O(wanted log wanted + nodes
  // found).
  void ways_to(std::span<const std::uint32_t> wanted, std::size_t level, std::vector<std::vector<NodeId>>& nodes) const;

 private:
  std::vector<NodeId> node_of_;               // by label; LabelTree::kNoPlace without a place
  std::vector<std::vector<NodeId>> parents_;  // [level][node]: parent in the level above
};

}  // namespace xmr
