#pragma once
// Oracles of the index: label vectors and balanced 2-means in the plainest form, one thread, dense, in double
// precision.

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/index/tree_shape.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/random.hpp"

namespace xmr::test {

using DenseRows = std::vector<std::vector<double>>;

DenseRows dense(CsrView matrix);

// PIFA with all entries: row l is the sum of y(i, l)/‖y(i)‖ × x(i), scaled to length 1; beside it the label's features,
// scaled to length 1; the whole scaled to length 1.
DenseRows plain_embedding(CsrView x, CsrView y, CsrView label_features);

// The result of TwoMeans::split on `members`.
void plain_two_means(const DenseRows& vectors, std::span<std::uint32_t> members, std::size_t cut, Random random,
                     unsigned rounds);

// The result of KMeans::divide: the cluster of each row, 0..k-1; some may be empty.
std::vector<std::uint32_t> plain_kmeans_clusters(const DenseRows& vectors, std::uint32_t k, Random random,
                                                 unsigned rounds);

// The sum of the rows of each cluster, scaled to length 1; the first of those nearest to a row.
DenseRows plain_centroids(const DenseRows& vectors, std::span<const std::vector<std::uint32_t>> clusters);
std::uint32_t plain_nearest(const DenseRows& centroids, const std::vector<double>& row);

// The result of balanced_kmeans, on whole vectors.
std::vector<LabelId> plain_kmeans(const DenseRows& vectors, const TreeShape& shape, unsigned rounds,
                                  std::uint64_t seed);

// Σ over the clusters of ‖Σ of their labels' vectors‖: what spherical k-means makes large.
double cohesion(const DenseRows& vectors, const LabelTree& tree);

}  // namespace xmr::test
