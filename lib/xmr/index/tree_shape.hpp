#pragma once
// The form of a label tree, fixed before any label is placed: how many nodes each level has. A method that orders the
// labels (balanced k-means, chance) then only fills the form, cluster by cluster.
//
// "Clusters" are the nodes just above the labels. Cluster i of C holds the labels at positions ⌊iL/C⌋ to ⌊(i+1)L/C⌋-1
// of the order, so that sizes differ by one at most; above, each node has `branching` consecutive children.
// Formulae and reasons: docs/xmr-index.md, "The form of the tree".

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/index/label_tree.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

class TreeShape {
 public:
  // The fewest levels whose root has at most 4 × branching children and whose clusters have at most max_leaf labels;
  // the root takes what the levels of exactly `branching` children leave, so that its children and the labels of a
  // cluster fill the 16 lanes of the solver best. ConfigError unless labels ≥ 1, branching ≥ 2, max_leaf ≥ 2.
  static TreeShape wide_root(std::uint64_t labels, std::uint32_t branching, std::uint32_t max_leaf);

  // PECOS's: the smallest power of two of clusters with at most max_leaf labels each, grouped by `branching` from the
  // bottom up while there are more than `branching` nodes.
  static TreeShape pecos(std::uint64_t labels, std::uint32_t branching, std::uint32_t max_leaf);

  LabelId labels() const { return labels_; }
  NodeId clusters() const { return levels_.empty() ? 1 : levels_.back(); }
  // Nodes of each level above the labels, from the top; none if all labels hang below the root.
  std::span<const NodeId> levels() const { return levels_; }

  // Position of a cluster's first label; first_label(clusters()) is the number of labels.
  LabelId first_label(NodeId cluster) const {
    return static_cast<LabelId>(std::uint64_t{cluster} * labels_ / clusters());
  }

  // Where the clusters begin..end-1 (two or more) are split in two: at the middle, rounded so that no node of an upper
  // level that is smaller than the range is cut.
  NodeId split(NodeId begin, NodeId end) const;

  // The tree of this form; order[i] is the label at position i. DataError unless `order` is a permutation.
  LabelTree tree(std::vector<LabelId> order) const;

 private:
  TreeShape(std::uint64_t labels, std::uint32_t branching, std::uint32_t max_leaf);

  LabelId labels_;
  std::uint32_t branching_;
  bool keeps_nodes_whole_ = true;  // split() minds the upper levels
  std::vector<NodeId> levels_;
};

}  // namespace xmr
