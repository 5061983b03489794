#pragma once
// Sums of rows for sixteen clusters side by side: one visit of an entry reads the cache line with this feature of all
// sixteen. k-means (kmeans.hpp) and the assignment of rows to clusters (centroids.hpp) share it.
//
// `place(column)` is the position of a column's sums. Thread rule: pure functions; different threads may add rows to
// different lanes.

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
  constexpr std::size_t kAhead = 16;  // entries ahead; the columns of most nodes exceed the second-level cache
  if (i + kAhead < row.size()) __builtin_prefetch(&sums[place(row.indices[i + kAhead])]);
}

template <class Place>
void add_row(SparseRow row, std::size_t lane, std::span<CentroidLanes> sums, Place place) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    prefetch_ahead(row, i, sums, place);
    sums[place(row.indices[i])][lane] += row.values[i];
  }
}

// Returns ⟨sum, row⟩ of each lane.
template <class Place>
CentroidLanes products(SparseRow row, std::span<const CentroidLanes> sums, Place place) {
  // The compiler must assume that the result aliases the sums, so it is accumulated in a local array.
  float in_registers[kCentroidLanes] = {};
  for (std::size_t i = 0; i < row.size(); ++i) {
    prefetch_ahead(row, i, sums, place);
    const CentroidLanes& column = sums[place(row.indices[i])];
    for (std::size_t lane = 0; lane < kCentroidLanes; ++lane)
      in_registers[lane] += row.values[i] * column[lane];
  }
  return std::to_array(in_registers);
}

// Returns 1/‖sum‖ of each lane, or 0 for a zero sum.
CentroidLanes inverse_lengths(std::span<const CentroidLanes> sums, Parallel& parallel);

}  // namespace xmr
