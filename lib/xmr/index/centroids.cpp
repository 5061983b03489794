#include "xmr/index/centroids.hpp"

#include <algorithm>
#include <limits>

namespace xmr {

Centroids::Centroids(CsrView vectors, std::span<const std::vector<std::uint32_t>> clusters, Parallel& parallel)
    : clusters_(clusters.size()), place_(vectors.cols) {
  std::uint32_t places = 1;  // the first place is for columns without entries, where sums are 0
  for (const std::uint32_t column : vectors.indices)
    if (place_[column] == 0) place_[column] = places++;
  groups_.assign((clusters.size() + kCentroidLanes - 1) / kCentroidLanes, HugeVector<CentroidLanes>(places));
  const auto place = [&](std::uint32_t column) { return place_[column]; };
  parallel.for_each(clusters.size(), [&](std::size_t cluster, unsigned) {
    for (const std::uint32_t row : clusters[cluster])
      add_row(vectors.row(row), cluster % kCentroidLanes, std::span(groups_[cluster / kCentroidLanes]), place);
  });
  for (HugeVector<CentroidLanes>& sums : groups_) {
    const CentroidLanes scales = inverse_lengths(sums, parallel);
    for (CentroidLanes& column : sums)
      for (std::size_t lane = 0; lane < kCentroidLanes; ++lane)
        column[lane] *= scales[lane];
  }
}

CsrMatrix Centroids::placed(CsrView rows) const {
  CsrMatrix placed(groups_.front().size());
  placed.reserve(rows.rows, rows.indptr[rows.rows] - rows.indptr[0]);
  for (Row r = 0; r < rows.rows; ++r) {
    const SparseRow row = rows.row(r);
    for (std::size_t i = 0; i < row.size(); ++i)
      if (const std::uint32_t place = place_[row.indices[i]]; place != 0) placed.push(place, row.values[i]);
    placed.end_row();
  }
  return placed;
}

std::vector<CentroidLanes> Centroids::scores(std::size_t group, CsrView rows) const {
  const CsrMatrix own = placed(rows);
  std::vector<CentroidLanes> scores;
  for (Row r = 0; r < own.rows(); ++r)
    scores.push_back(products(own.view().row(r), groups_[group]));
  return scores;
}

std::vector<std::uint32_t> Centroids::nearest(CsrView rows) const {
  const CsrMatrix own = placed(rows);
  std::vector<float> best_scores(rows.rows, -std::numeric_limits<float>::infinity());
  std::vector<std::uint32_t> best(rows.rows);
  CentroidLanes ones;
  ones.fill(1.0F);
  for (std::size_t first = 0; first < clusters_; first += kCentroidLanes)
    find_better(own, 0, own.rows(),
                {groups_[first / kCentroidLanes], ones, static_cast<std::uint32_t>(first),
                 std::min(kCentroidLanes, clusters_ - first)},
                best_scores, best);
  return best;
}

}  // namespace xmr
