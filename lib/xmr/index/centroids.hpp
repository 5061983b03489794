#pragma once
// Finds the nearest cluster of a row: the largest ⟨c/‖c‖, row⟩ of spherical k-means, with c the sum of a cluster's
// rows.
//
// Cost of a row: its entries, ⌈clusters/16⌉ times. Memory: 4 bytes a column, and for each column with entries 64 bytes
// for every 16 clusters; a copy of the rows. The result does not depend on the number of threads. Thread rule: const
// methods from any thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "xmr/index/centroid_lanes.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/huge_pages.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

class Centroids {
 public:
  // `clusters`: the row numbers of each cluster; at least one cluster.
  Centroids(CsrView vectors, std::span<const std::vector<std::uint32_t>> clusters, Parallel& parallel);

  // Returns the nearest cluster of each row. The rows have the columns of `vectors`. The first cluster is the nearest
  // one on a tie, or if no score is a number.
  std::vector<std::uint32_t> nearest(CsrView rows) const;
  // Returns ⟨c/‖c‖, row⟩ of the clusters from 16 · group on, for each row.
  std::vector<CentroidLanes> scores(std::size_t group, CsrView rows) const;

 private:
  CsrMatrix placed(CsrView rows) const;  // the rows by places, without columns that no vector has

  std::size_t clusters_;
  std::vector<std::uint32_t> place_;               // by column; 0: no vector has the column
  std::vector<HugeVector<CentroidLanes>> groups_;  // of 16 clusters, by place
};

}  // namespace xmr
