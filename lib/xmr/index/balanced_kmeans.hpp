#pragma once
// Hierarchical balanced spherical k-means: puts labels with similar vectors next to each other, so that consecutive
// pieces of the order are the nodes of a tree of a given shape.
//
// A range of clusters is split in two by 2-means (two_means.hpp), and so on down to single clusters. Ranges of more
// than 1/16 of the labels are split by all threads together, one range after another; the smaller ones below are
// independent, each split to the end by one thread on its own compact copy of its vectors (features renumbered, rows
// contiguous), the largest first. A split draws from a random stream of its own and nothing depends on threads.
//
// Memory: beside the vectors, per thread twice the vectors of the largest independent range (at most 1/8 of all) and
// 4 numbers a feature.

#include <vector>

#include "xmr/index/kmeans_options.hpp"
#include "xmr/index/tree_shape.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// The order of the labels: cluster i of the shape holds those at positions shape.first_label(i) and following, by
// increasing id. `vectors` has a row per label. DataError if that is not so.
std::vector<LabelId> balanced_kmeans(CsrView vectors, const TreeShape& shape, const KMeansOptions& options,
                                     Parallel& parallel);

}  // namespace xmr
