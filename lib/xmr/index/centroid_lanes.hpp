#pragma once
// Sums of rows for sixteen clusters side by side: one visit of an entry reads the cache line with this feature of all
// sixteen. k-means (kmeans.hpp) and the assignment of rows to clusters (centroids.hpp) share it.
//
// Each product and each sum is rounded, and the entries of a row are added in order: the bits are the same on every
// machine. Thread rule: pure functions; different threads may add rows to different lanes.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

inline constexpr std::size_t kCentroidLanes = 16;
using CentroidLanes = std::array<float, kCentroidLanes>;

// Adds a row to a lane. `place(column)` is the position of a column's sums.
template <class Place = std::identity>
void add_row(SparseRow row, std::size_t lane, std::span<CentroidLanes> sums, Place place = {}) {
  constexpr std::size_t kAhead = 16;  // entries ahead; the columns of most nodes exceed the second-level cache
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i + kAhead < row.size()) __builtin_prefetch(&sums[place(row.indices[i + kAhead])]);
    sums[place(row.indices[i])][lane] += row.values[i];
  }
}

// Returns ⟨sum, row⟩ of each lane.
CentroidLanes products(SparseRow row, std::span<const CentroidLanes> sums);

// The clusters of a group of up to sixteen, from `first` on.
struct CentroidGroup {
  std::span<const CentroidLanes> sums;  // by column
  CentroidLanes scales;                 // the score of a row is ⟨sum, row⟩ · scale
  std::uint32_t first = 0;
  std::size_t count = kCentroidLanes;
};

// For each of the rows begin..end-1: if a cluster of the group scores more than best_scores[row], sets it to the
// largest score, and best[row] to the first cluster with it. Scores that are not numbers are skipped.
void find_better(CsrView rows, std::size_t begin, std::size_t end, const CentroidGroup& group,
                 std::span<float> best_scores, std::span<std::uint32_t> best);

// Returns 1/‖sum‖ of each lane, or 0 for a zero sum.
CentroidLanes inverse_lengths(std::span<const CentroidLanes> sums, Parallel& parallel);

}  // namespace xmr
