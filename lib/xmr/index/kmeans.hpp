#pragma once
// Spherical k-means of the rows of a matrix into k clusters of any size.
//
// The first centroids are k random rows. There are up to `rounds` rounds. In each, every row goes to the centroid with
// the largest ⟨c/‖c‖, row⟩ (the first on a tie). Then each centroid becomes the sum of its rows. It ends when at most
// one row in a thousand moves. Empty clusters are removed. A row whose sums overflow stays where it is.
//
// If there are 2,000 k rows or more, 1,000 k random rows are divided first; the division of all rows starts from the
// result and takes kRefinements rounds.
//
// Cost of a round: the entries k/16 times for the scores and once for the sums. Memory: 64 bytes a column, 20 a row; of
// many rows a copy of 1,000 k. The result does not depend on threads. Thread rule: one division at a time per object,
// on the threads of its pool.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "xmr/index/centroid_lanes.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/huge_pages.hpp"
#include "xmr/util/parallel.hpp"
#include "xmr/util/random.hpp"

namespace xmr {

class KMeans {
 public:
  static constexpr std::size_t kEnoughRows = 1000;  // mean rows of a cluster that suffice for its centroid
  static constexpr unsigned kRefinements = 3;

  explicit KMeans(Parallel& parallel) : parallel_(parallel) {}

  // Returns the increasing rows of each cluster: at most k clusters, none empty. 1 ≤ k ≤ rows.
  std::vector<std::vector<std::uint32_t>> divide(CsrView vectors, std::uint32_t k, Random random, unsigned rounds);

 private:
  void start(CsrView vectors, std::uint32_t k, Random& random);
  void start_from_sample(CsrView vectors, std::uint32_t k, Random& random, unsigned rounds);
  // Sets lane i of centroids_ to the sum of the rows of cluster first+i, for `count` clusters. Returns 1/‖sum‖ of each.
  CentroidLanes add_up(CsrView vectors, std::size_t first, std::size_t count);
  // Compares the clusters of a group with the best cluster of each row so far.
  void score(CsrView vectors, const CentroidGroup& group);
  // Moves rows to their best clusters. Returns the number of moved rows.
  std::size_t move_rows();

  Parallel& parallel_;
  std::vector<std::vector<std::uint32_t>> clusters_;  // rows of each cluster
  std::vector<std::uint32_t> cluster_of_, best_;      // by row
  std::vector<float> best_scores_;                    // by row
  HugeVector<CentroidLanes> centroids_;               // by column
};

}  // namespace xmr
