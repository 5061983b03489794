#pragma once
// Hierarchical balanced spherical k-means: an order of the labels in which similar labels are neighbours, so that
// consecutive pieces are the nodes of a tree of a given shape.
//
// 2-means (two_means.hpp) splits a range of clusters in two, down to single clusters. All threads together split ranges
// of more than 1/16 of the labels, one after another. Smaller ranges are independent: one thread splits each, largest
// first, on a compact copy of its vectors. Each split has its own random stream, so the result does not depend on
// threads.
//
// Memory beside the vectors: for each thread twice the vectors of the largest independent range (at most 1/8 of all)
// and 4 numbers a feature.

#include <vector>

#include "xmr/index/kmeans_options.hpp"
#include "xmr/index/tree_shape.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// Returns the order of the labels: cluster i of the shape holds the labels from position shape.first_label(i) on, by
// increasing id. If `vectors` has another number of rows than labels, throws DataError.
std::vector<LabelId> balanced_kmeans(CsrView vectors, const TreeShape& shape, const KMeansOptions& options,
                                     Parallel& parallel);

}  // namespace xmr
