#pragma once
// The first level of a k-means tree (kmeans_tree.hpp) from label vectors that are made when they are wanted, for trees
// in parts: by all labels, or by a sample of them, so that not all vectors need to be in memory.
//
// With a sample, k-means begins with labels drawn by the seed, each round divides `sample` others, drawn anew, and
// then each label goes to the cluster whose centroid, the sum of its labels in the last round, is nearest
// (centroids.hpp). Drawn anew, because a vector is near to any sum that it is part of, the more so the fewer there are:
// of one small sample few labels would ever move. Clusters without labels are left out, and one of more labels than the
// tree allows is halved until it is not: by balanced 2-means (two_means.hpp) if its labels are no more than the sample,
// else by 2-means of a sample of them, after which all of them are sorted by how much nearer they are to the one side
// than to the other, and cut in the middle.
//
// Cost: all vectors are made once, those of a sample for each round, and those of a large cluster for each time that it
// is halved by a sample. Memory: 16 bytes an entry of the sample's vectors, the centroids, 20 bytes a label.
// The same for any number of threads. Thread rule: pure function.

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/index/kmeans_tree.hpp"
#include "xmr/index/label_embedding.hpp"
#include "xmr/util/parallel.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

struct TreeTop {
  DividedNodes divided;                // by one level, by none if all labels hang below the root
  std::vector<std::uint32_t> entries;  // of each label's vector
};

std::vector<std::uint32_t> entries_of(CsrView vectors);  // of each row

// sample: 0, or as many as there are labels: all, and the level that kmeans_tree makes. ConfigError for a sample of
// fewer labels than the root has children.
TreeTop tree_top(const LabelEmbedding& embedding, std::span<const float> mean, const KMeansTreeOptions& options,
                 LabelId sample, Parallel& parallel);

}  // namespace xmr
