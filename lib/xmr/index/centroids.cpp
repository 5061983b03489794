#include "xmr/index/centroids.hpp"

#include <algorithm>
#include <limits>

namespace xmr {

Centroids::Centroids(CsrView vectors, std::span<const std::vector<std::uint32_t>> clusters, Parallel& parallel)
    : clusters_(clusters.size()), place_(vectors.cols) {
  std::uint32_t places = 1;  // the first place is for columns without entries, where sums are 0
  for (const std::uint32_t column : vectors.indices)
    if (place_[column] == 0) place_[column] = places++;
  groups_.assign((clusters.size() + kCentroidLanes - 1) / kCentroidLanes, std::vector<CentroidLanes>(places));
  const auto place = [&](std::uint32_t column) { return place_[column]; };
  parallel.for_each(clusters.size(), [&](std::size_t cluster, unsigned) {
    for (const std::uint32_t row : clusters[cluster])
      add_row(vectors.row(row), cluster % kCentroidLanes, std::span(groups_[cluster / kCentroidLanes]), place);
  });
  for (std::vector<CentroidLanes>& sums : groups_) {
    const CentroidLanes scales = inverse_lengths(sums, parallel);
    for (CentroidLanes& column : sums)
      for (std::size_t lane = 0; lane < kCentroidLanes; ++lane)
        column[lane] *= scales[lane];
  }
}

CentroidLanes Centroids::scores(std::size_t group, SparseRow row) const {
  return products(row, std::span(groups_[group]), [&](std::uint32_t column) { return place_[column]; });
}

std::uint32_t Centroids::nearest(SparseRow row) const {
  std::uint32_t best = 0;
  float best_score = -std::numeric_limits<float>::infinity();
  for (std::size_t first = 0; first < clusters_; first += kCentroidLanes) {
    const CentroidLanes of_group = scores(first / kCentroidLanes, row);
    for (std::size_t lane = 0; lane < std::min(kCentroidLanes, clusters_ - first); ++lane) {
      if (!(of_group[lane] > best_score)) continue;  // also skips NaN from sums that overflow
      best_score = of_group[lane];
      best = static_cast<std::uint32_t>(first + lane);
    }
  }
  return best;
}

}  // namespace xmr
