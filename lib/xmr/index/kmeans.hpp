#pragma once
// One step of clustering: spherical k-means of the rows of a matrix into k clusters of any size.
//
// The first centroids are k rows at random; then, up to `rounds` times, each row goes to the centroid for which
// ⟨c/‖c‖, row⟩ is largest (on a tie the first), and each centroid becomes the sum of its rows; it ends when one row in
// a thousand or fewer change clusters. Clusters that end empty are left out. A row whose sums overflow stays where it
// is.
//
// Of 2,000 k rows and more, 1,000 k at random are divided first, and what they become is where the division of all
// begins: then kRefinements rounds are enough.
//
// Cost of a round: the entries k/16 times for the scores and once for the sums. Memory: 64 bytes a column, 20 a row; of
// many rows a copy of the 1,000 k.
// The result does not depend on threads. Thread rule: one division at a time per object, on the threads of its pool.

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
  static constexpr std::size_t kEnoughRows = 1000;  // of a cluster, in the mean, to find its centroid
  static constexpr unsigned kRefinements = 3;

  explicit KMeans(Parallel& parallel) : parallel_(parallel) {}

  // The rows of each cluster, increasing; at most k clusters, none empty. 1 ≤ k ≤ rows.
  std::vector<std::vector<std::uint32_t>> divide(CsrView vectors, std::uint32_t k, Random random, unsigned rounds);

 private:
  void start(CsrView vectors, std::uint32_t k, Random& random);
  void start_from_sample(CsrView vectors, std::uint32_t k, Random& random, unsigned rounds);
  // Lane i of centroids_ becomes the sum of the rows of cluster first+i, for `count` of them; 1/‖sum‖ of each.
  CentroidLanes add_up(CsrView vectors, std::size_t first, std::size_t count);
  // Compares these clusters with the best one so far of each row.
  void score(CsrView vectors, std::size_t first, std::size_t count, const CentroidLanes& scales);
  // Rows go to their best clusters; how many came from another one.
  std::size_t move_rows();

  Parallel& parallel_;
  std::vector<std::vector<std::uint32_t>> clusters_;  // rows of each
  std::vector<std::uint32_t> cluster_of_, best_;      // by row
  std::vector<float> best_scores_;                    // by row
  HugeVector<CentroidLanes> centroids_;               // by column
};

}  // namespace xmr
