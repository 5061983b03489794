#pragma once
// Sums of rows, sixteen clusters side by side: one visit of a row's entry reads the cache line that holds this feature
// of all sixteen. What k-means (kmeans.hpp) and who assigns rows to its clusters (centroids.hpp) have in common.
//
// `place(column)` tells where the sums of a column stand. Thread rule: pure functions; rows may be added to different
// lanes by different threads.

#include <array>
#include <cstddef>
#include <span>

#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

inline constexpr std::size_t kCentroidLanes = 16;
using CentroidLanes = std::array<float, kCentroidLanes>;

template <class Place>
void prefetch_ahead(SparseRow row, std::size_t i, std::span<const CentroidLanes> sums, Place place) {
  constexpr std::size_t kAhead = 16;  // entries; the columns of most nodes do not fit into the second-level cache
  if (i + kAhead < row.size()) __builtin_prefetch(&sums[place(row.indices[i + kAhead])]);
}

template <class Place>
void add_row(SparseRow row, std::size_t lane, std::span<CentroidLanes> sums, Place place) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    prefetch_ahead(row, i, sums, place);
    sums[place(row.indices[i])][lane] += row.values[i];
  }
}

// ⟨sum, row⟩ of each lane.
template <class Place>
CentroidLanes products(SparseRow row, std::span<const CentroidLanes> sums, Place place) {
  // What is returned stands in the caller's memory, which might be that of the sums as far as the compiler knows.
  float in_registers[kCentroidLanes] = {};
  for (std::size_t i = 0; i < row.size(); ++i) {
    prefetch_ahead(row, i, sums, place);
    const CentroidLanes& column = sums[place(row.indices[i])];
    for (std::size_t lane = 0; lane < kCentroidLanes; ++lane)
      in_registers[lane] += row.values[i] * column[lane];
  }
  return std::to_array(in_registers);
}

// 1/‖sum‖ of each lane, 0 for a sum of 0.
CentroidLanes inverse_lengths(std::span<const CentroidLanes> sums, Parallel& parallel);

}  // namespace xmr
