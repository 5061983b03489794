#pragma once
// The oracle of kmeans_tree_below: builds the tree below finished upper levels, level by level from all vectors.

#include <iterator>
#include <utility>
#include <vector>

#include "xmr/index/kmeans_tree.hpp"
#include "xmr/sparse/operations.hpp"

namespace xmr::test {

inline LabelTree tree_below(DividedNodes top, CsrView vectors, const KMeansTreeOptions& options, Parallel& parallel) {
  const TreeShape shape = TreeShape::wide_root(vectors.rows, options.branching, options.max_leaf);
  Subtrees below = with_labels(
      divide_nodes(vectors, shape, options, std::move(top.nodes), top.offsets.size(), shape.levels().size(), parallel));
  std::move(below.offsets.begin(), below.offsets.end(), std::back_inserter(top.offsets));
  return {std::move(top.offsets), std::move(below.labels)};
}

// Returns rows of `vectors`, which has one for each label.
inline MakeVectors rows_of(CsrView vectors) {
  return [vectors](std::span<const LabelId> labels) {
    return select_rows(vectors, std::vector<Row>(labels.begin(), labels.end()));
  };
}

}  // namespace xmr::test
