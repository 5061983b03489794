#pragma once
// The form of a label tree: the number of nodes of each level. A method that orders the labels (balanced k-means,
// random) fills the form cluster by cluster.
//
// Clusters are the nodes just above the labels. Cluster i of C holds the labels at positions ⌊iL/C⌋ to ⌊(i+1)L/C⌋-1 of
// the order, so sizes differ by at most one. Above, each node has `branching` consecutive children. docs/xmr-index.md,
// "The form of the tree", has formulae and reasons.

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/index/label_tree.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

class TreeShape {
 public:
  // Makes the form with the fewest levels whose root has at most 4 × branching children and whose clusters have at most
  // max_leaf labels. Other nodes have `branching` children; the number of the root's children is chosen so that the
  // root and the clusters fill the 16 lanes of the solver best. Throws ConfigError unless labels ≥ 1, branching ≥ 2,
  // max_leaf ≥ 2.
  static TreeShape wide_root(std::uint64_t labels, std::uint32_t branching, std::uint32_t max_leaf);

  // Makes PECOS's form: the smallest power of two of clusters with at most max_leaf labels, grouped by `branching` from
  // the bottom up until at most `branching` nodes are left.
  static TreeShape pecos(std::uint64_t labels, std::uint32_t branching, std::uint32_t max_leaf);

  LabelId labels() const { return labels_; }
  NodeId clusters() const { return levels_.empty() ? 1 : levels_.back(); }
  // Number of nodes of each level above the labels, from the top; empty if all labels hang below the root.
  std::span<const NodeId> levels() const { return levels_; }

  // Returns the position of a cluster's first label; first_label(clusters()) is the number of labels.
  LabelId first_label(NodeId cluster) const {
    return static_cast<LabelId>(std::uint64_t{cluster} * labels_ / clusters());
  }

  // Returns the cluster at which begin..end-1 (at least two) is split: the middle, rounded so that no smaller node of
  // an upper level is cut.
  NodeId split(NodeId begin, NodeId end) const;

  // Returns the tree of this form; order[i] is the label at position i. If `order` is no permutation, throws DataError.
  LabelTree tree(std::vector<LabelId> order) const;

 private:
  TreeShape(std::uint64_t labels, std::uint32_t branching, std::uint32_t max_leaf);

  LabelId labels_;
  std::uint32_t branching_;
  bool keeps_nodes_whole_ = true;  // split() respects the upper levels
  std::vector<NodeId> levels_;
};

}  // namespace xmr
