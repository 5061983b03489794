#include "xmr/index/kmeans.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <span>
#include <utility>

#include "xmr/index/compactor.hpp"

namespace xmr {

namespace {

constexpr std::size_t kRowBlock = 512;  // rows of a parallel step
constexpr std::size_t kSettled = 1000;  // stop if fewer than one in so many rows move
constexpr std::uint32_t kNoCluster = std::numeric_limits<std::uint32_t>::max();

}  // namespace

std::vector<std::vector<std::uint32_t>> KMeans::divide(CsrView vectors, std::uint32_t k, Random random,
                                                       unsigned rounds) {
  start(vectors, k, random);
  if (vectors.rows >= 2 * kEnoughRows * k) {
    start_from_sample(vectors, k, random, rounds);
    rounds = std::min(rounds, kRefinements);
  }
  for (unsigned round = 0; round < rounds; ++round) {
    std::ranges::fill(best_scores_, -std::numeric_limits<float>::infinity());
    for (std::size_t first = 0; first < k; first += kCentroidLanes) {
      const std::size_t count = std::min<std::size_t>(kCentroidLanes, k - first);
      const CentroidLanes scales = add_up(vectors, first, count);
      score(vectors, {centroids_, scales, static_cast<std::uint32_t>(first), count});
    }
    if (move_rows() <= best_.size() / kSettled) break;
  }
  std::erase_if(clusters_, [](const auto& rows) { return rows.empty(); });
  return std::move(clusters_);
}

void KMeans::start(CsrView vectors, std::uint32_t k, Random& random) {
  std::vector<std::uint32_t> rows(vectors.rows);
  std::iota(rows.begin(), rows.end(), 0U);
  random.shuffle(std::span(rows));
  clusters_.assign(k, {});
  for (std::uint32_t cluster = 0; cluster < k; ++cluster)
    clusters_[cluster].push_back(rows[cluster]);
  cluster_of_.assign(vectors.rows, kNoCluster);
  best_.assign(vectors.rows, 0);
  best_scores_.resize(vectors.rows);
}

// Starts with the clusters of a sample of the rows.
void KMeans::start_from_sample(CsrView vectors, std::uint32_t k, Random& random, unsigned rounds) {
  std::vector<std::uint32_t> sample(vectors.rows);
  std::iota(sample.begin(), sample.end(), 0U);
  random.shuffle(std::span(sample));
  sample.resize(kEnoughRows * k);
  std::ranges::sort(sample);
  const CsrMatrix some = Compactor().copy(vectors, sample);
  std::vector<std::vector<std::uint32_t>> clusters = KMeans(parallel_).divide(some, k, Random(random.next()), rounds);
  for (std::vector<std::uint32_t>& cluster : clusters)
    for (std::uint32_t& row : cluster)
      row = sample[row];
  clusters.resize(k);
  clusters_ = std::move(clusters);
}

CentroidLanes KMeans::add_up(CsrView vectors, std::size_t first, std::size_t count) {
  centroids_.assign(vectors.cols, CentroidLanes{});
  parallel_.for_each(count, [&](std::size_t lane, unsigned) {
    for (const std::uint32_t row : clusters_[first + lane])
      add_row(vectors.row(row), lane, std::span(centroids_));
  });
  return inverse_lengths(centroids_, parallel_);
}

void KMeans::score(CsrView vectors, const CentroidGroup& group) {
  parallel_.for_blocks(vectors.rows, kRowBlock, [&](std::size_t begin, std::size_t end, unsigned) {
    find_better(vectors, begin, end, group, best_scores_, best_);
  });
}

std::size_t KMeans::move_rows() {
  for (auto& rows : clusters_)
    rows.clear();
  std::size_t moved = 0;
  for (std::uint32_t row = 0; row < best_.size(); ++row) {
    moved += best_[row] != cluster_of_[row] ? 1 : 0;
    clusters_[best_[row]].push_back(row);
  }
  cluster_of_ = best_;  // a row without a valid score stays where it is
  return moved;
}

}  // namespace xmr
