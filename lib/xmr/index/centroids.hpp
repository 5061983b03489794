#pragma once
// Finds the nearest cluster of a row: the largest ⟨c/‖c‖, row⟩ of spherical k-means, with c the sum of a cluster's
// rows.
//
// Cost of a row: its entries, ⌈clusters/16⌉ times. Memory: 4 bytes a column, and for each column with entries 64 bytes
// for every 16 clusters. The result does not depend on the number of threads. Thread rule: const methods from any
// thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "xmr/index/centroid_lanes.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

class Centroids {
 public:
  // `clusters`: the row numbers of each cluster; at least one cluster.
  Centroids(CsrView vectors, std::span<const std::vector<std::uint32_t>> clusters, Parallel& parallel);

  // Returns the nearest cluster of a row with the columns of `vectors`; the first one on a tie, or if no score is a
  // number.
  std::uint32_t nearest(SparseRow row) const;
  // Returns ⟨c/‖c‖, row⟩ of the clusters from 16 · group on.
  CentroidLanes scores(std::size_t group, SparseRow row) const;

 private:
  std::size_t clusters_;
  std::vector<std::uint32_t> place_;                // by column; 0: no vector has the column
  std::vector<std::vector<CentroidLanes>> groups_;  // of 16 clusters, by place
};

}  // namespace xmr
