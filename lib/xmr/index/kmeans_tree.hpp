#pragma once
// Builds the label tree of hierarchical spherical k-means: k-means (kmeans.hpp) divides the labels of each node among
// its children, in clusters of natural size.
//
// The shape gives the number of nodes K of each level for equal sizes. A node with n of L labels is divided into
// round(n K/L) children, at least one. A child with more than 4 L/K labels, or just above the labels more than
// max_leaf, is halved by balanced 2-means (two_means.hpp) until it fits. This bounds time and memory of training and
// search.
//
// All threads together divide nodes of more than 1/16 of the labels, one after another; one thread divides each of the
// others, largest first. A node's random stream is named by its level and first label. So the result does not depend on
// threads, and a subtree does not depend on others.
//
// Memory beside the vectors: a copy of them and 64 bytes a feature; for each thread the copy of one node's vectors, at
// most 1/16 of all, and 64 bytes for each of its features. If vectors are made node by node, only the vectors of one
// node of the first level exist at a time.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "xmr/index/kmeans_options.hpp"
#include "xmr/index/label_tree.hpp"
#include "xmr/index/tree_shape.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

struct KMeansTreeOptions {
  std::uint32_t branching = 16, max_leaf = 100;  // as for TreeShape::wide_root
  KMeansOptions kmeans;
};

// If `vectors` has another number of rows than labels, throws DataError.
LabelTree kmeans_tree(CsrView vectors, const KMeansTreeOptions& options, Parallel& parallel);

// Builds levels first..last-1 of the shape below given nodes. `vectors` has a row for each label.
using LevelNodes = std::vector<std::vector<LabelId>>;  // labels of each node of a level, increasing
struct DividedNodes {
  std::vector<std::vector<std::uint32_t>> offsets;  // by level: start of each node's children, and the end
  LevelNodes nodes;                                 // nodes of the last level, or the given nodes if first == last
};
DividedNodes divide_nodes(CsrView vectors, const TreeShape& shape, const KMeansTreeOptions& options, LevelNodes nodes,
                          std::size_t first, std::size_t last, Parallel& parallel);

// Returns the root with all labels, to begin with.
DividedNodes undivided(const TreeShape& shape);
// Returns the maximum number of labels of a node of a level.
std::size_t largest_node(const TreeShape& shape, const KMeansTreeOptions& options, std::size_t level);

// Levels of a tree below some nodes; the last level holds the labels.
struct Subtrees {
  std::vector<std::vector<std::uint32_t>> offsets;
  std::vector<LabelId> labels;

  // Appends subtrees of as many levels.
  void append(const Subtrees& next);
};
Subtrees with_labels(DividedNodes divided);

// Returns the vectors of some labels: row i belongs to labels[i].
using MakeVectors = std::function<CsrMatrix(std::span<const LabelId> labels)>;

// Builds all levels below given nodes of level `first` - 1. Makes the vectors of one node at a time.
Subtrees subtrees_of(const LevelNodes& nodes, const MakeVectors& make, const TreeShape& shape,
                     const KMeansTreeOptions& options, std::size_t first, Parallel& parallel);

// Builds the tree of `labels` labels below finished upper levels.
LabelTree kmeans_tree_below(DividedNodes top, LabelId labels, const MakeVectors& make, const KMeansTreeOptions& options,
                            Parallel& parallel);

}  // namespace xmr
