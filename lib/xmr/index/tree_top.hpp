#pragma once
// Makes the first level of a k-means tree (kmeans_tree.hpp) without keeping all label vectors in memory: from all
// labels, or from a sample.
//
// With a sample, k-means starts from random labels, and each round assigns `sample` other labels, drawn anew. Then each
// label goes to the cluster with the nearest centroid, the sum of its labels in the last round (centroids.hpp). Labels
// are drawn anew because a vector is near to any sum that contains it, so few labels of a fixed small sample would
// move. Empty clusters are removed. A cluster with too many labels is halved by balanced 2-means (two_means.hpp) if it
// fits into a sample. Else 2-means of a sample gives a direction; the labels are sorted along it and cut in the middle.
//
// Cost: all vectors once, a sample's vectors for each round, and a large cluster's vectors for each halving by a
// sample. Memory: 16 bytes an entry of the sample's vectors, the centroids, 20 bytes a label. The result does not
// depend on the number of threads. Thread rule: pure function.

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/index/kmeans_tree.hpp"
#include "xmr/index/label_embedding.hpp"
#include "xmr/util/parallel.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

struct TreeTop {
  DividedNodes divided;                // one level, or none if all labels hang below the root
  std::vector<std::uint32_t> entries;  // entries of each label's vector
};

std::vector<std::uint32_t> entries_of(CsrView vectors);  // entries of each row

// If sample is 0 or at least the number of labels, makes the level of kmeans_tree. If the sample is smaller than the
// number of the root's children, throws ConfigError.
TreeTop tree_top(const LabelEmbedding& embedding, std::span<const float> mean, const KMeansTreeOptions& options,
                 LabelId sample, Parallel& parallel);

}  // namespace xmr
