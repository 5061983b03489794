#pragma once
// The centroids of clusters of rows, to find the nearest one of other rows: spherical k-means' ⟨c/‖c‖, row⟩, c the sum
// of a cluster's rows.
//
// Cost of a row: its entries, ⌈clusters/16⌉ times. Memory: 4 bytes a column, and for each column that has entries 64
// bytes for every 16 clusters; nothing of the rows is kept. The same for any number of threads.
// Thread rule: const methods from any thread.

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
  // The numbers of the rows of each cluster; at least one.
  Centroids(CsrView vectors, std::span<const std::vector<std::uint32_t>> clusters, Parallel& parallel);

  // Of a row with the columns of `vectors`; the first of those that are equally near, or if no score is a number.
  std::uint32_t nearest(SparseRow row) const;
  // ⟨c/‖c‖, row⟩ of the clusters 16 · group and following.
  CentroidLanes scores(std::size_t group, SparseRow row) const;

 private:
  std::size_t clusters_;
  std::vector<std::uint32_t> place_;                // by column; 0: no vector has it
  std::vector<std::vector<CentroidLanes>> groups_;  // of 16 clusters, by place
};

}  // namespace xmr
