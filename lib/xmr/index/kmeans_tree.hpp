#pragma once
// The label tree of hierarchical spherical k-means: each node divides its labels among its children by k-means
// (kmeans.hpp), in clusters as large as the labels make them.
//
// The shape says how many nodes each level has if all are of equal size. A node with n of the L labels is divided into
// round(n K/L) children, K nodes being planned for their level, at least one; a child that has more than 4 L/K labels,
// or just above the labels more than max_leaf, is halved by balanced 2-means (two_means.hpp) until it has not. So time
// and memory of training and search stay in bounds, whatever the labels are like.
//
// Nodes of more than 1/16 of the labels are divided by all threads, one after another; the others of a level by one
// thread each, the largest first. A node draws from a random stream of its own, named by its level and its first label:
// nothing depends on threads, and a subtree does not depend on the others.
//
// Memory: beside the vectors a copy of them and 64 bytes a feature, per thread the copy of the labels of one node, at
// most 1/16 of all, and 64 bytes for each of its features.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "xmr/index/kmeans_options.hpp"
#include "xmr/index/label_tree.hpp"
#include "xmr/index/tree_shape.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

struct KMeansTreeOptions {
  std::uint32_t branching = 16, max_leaf = 100;  // as of TreeShape::wide_root
  KMeansOptions kmeans;
};

// `vectors` has a row per label. DataError if that is not so.
LabelTree kmeans_tree(CsrView vectors, const KMeansTreeOptions& options, Parallel& parallel);

// The same in steps: levels first..last-1 of the shape below given nodes, whatever other nodes there are. `vectors` has
// a row per label, of which only those of the nodes are looked at.
using LevelNodes = std::vector<std::vector<LabelId>>;  // the labels of each node of a level, increasing
struct DividedNodes {
  std::vector<std::vector<std::uint32_t>> offsets;  // of each level: where the children of each node begin, and the end
  LevelNodes nodes;                                 // of the last level, or those given if first == last
};
DividedNodes divide_nodes(CsrView vectors, const TreeShape& shape, const KMeansTreeOptions& options, LevelNodes nodes,
                          std::size_t first, std::size_t last, Parallel& parallel);

// Nodes to begin with: the root, with all labels.
DividedNodes undivided(const TreeShape& shape);
// The most labels that a node of a level of the shape may have.
std::size_t largest_node(const TreeShape& shape, const KMeansTreeOptions& options, std::size_t level);

// The whole tree, below levels at its top that are made already.
LabelTree kmeans_tree_below(DividedNodes top, CsrView vectors, const KMeansTreeOptions& options, Parallel& parallel);

// Levels of a tree below some nodes, the last one that of the labels.
struct Subtrees {
  std::vector<std::vector<std::uint32_t>> offsets;
  std::vector<LabelId> labels;
};
Subtrees with_labels(DividedNodes divided);

}  // namespace xmr
