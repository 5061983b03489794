#include "support/plain_clustering.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace xmr::test {

namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

double length(const Vector& v) {
  return std::sqrt(dot(v, v));
}

void add(Vector& sum, const Vector& v, double weight) {
  for (std::size_t i = 0; i < v.size(); ++i)
    sum[i] += weight * v[i];
}

Vector scaled(Vector v) {
  const double l = length(v);
  if (l > 0)
    for (double& value : v)
      value /= l;
  return v;
}

void split_range(const DenseRows& vectors, const TreeShape& shape, NodeId begin, NodeId end, unsigned rounds,
                 std::uint64_t seed, std::vector<LabelId>& order) {
  if (end - begin < 2) return;
  const NodeId middle = shape.split(begin, end);
  const LabelId first = shape.first_label(begin), last = shape.first_label(end);
  plain_two_means(vectors, std::span(order).subspan(first, last - first), shape.first_label(middle) - first,
                  Random(seed, std::uint64_t{begin} << 32 | end), rounds);
  split_range(vectors, shape, begin, middle, rounds, seed, order);
  split_range(vectors, shape, middle, end, rounds, seed, order);
}

}  // namespace

DenseRows dense(CsrView matrix) {
  DenseRows rows(matrix.rows, Vector(matrix.cols, 0.0));
  for (Row r = 0; r < matrix.rows; ++r) {
    const SparseRow row = matrix.row(r);
    for (std::size_t i = 0; i < row.size(); ++i)
      rows[r][row.indices[i]] = static_cast<double>(row.values[i]);
  }
  return rows;
}

DenseRows plain_embedding(CsrView x, CsrView y, CsrView label_features) {
  const DenseRows instances = dense(x), relevance = dense(y), features = dense(label_features);
  DenseRows result;
  for (std::uint64_t label = 0; label < y.cols; ++label) {
    Vector sum(x.cols, 0.0);
    for (Row r = 0; r < y.rows; ++r)
      if (relevance[r][label] != 0) add(sum, instances[r], relevance[r][label] / length(relevance[r]));
    Vector both = scaled(sum);
    if (!features.empty()) {
      const Vector own = scaled(features[label]);
      both.insert(both.end(), own.begin(), own.end());
    }
    result.push_back(scaled(both));
  }
  return result;
}

void plain_two_means(const DenseRows& vectors, std::span<std::uint32_t> members, std::size_t cut, Random random,
                     unsigned rounds) {
  const std::size_t n = members.size();
  const std::size_t right = random.below(n), left = (right + 1 + random.below(n - 1)) % n;
  Vector direction = vectors[members[right]];
  add(direction, vectors[members[left]], -1);
  std::vector<bool> is_right(n, false);
  for (unsigned round = 0; round < rounds; ++round) {
    std::vector<std::pair<double, std::size_t>> scores;
    for (std::size_t i = 0; i < n; ++i)
      scores.emplace_back(dot(vectors[members[i]], direction), i);
    std::ranges::sort(scores);
    std::size_t moved = 0;
    for (std::size_t rank = 0; rank < n; ++rank) {
      const std::size_t i = scores[rank].second;
      if (is_right[i] != (rank >= cut)) ++moved;
      is_right[i] = rank >= cut;
    }
    if (moved <= n / 1000) break;
    Vector sums[2] = {Vector(direction.size(), 0.0), Vector(direction.size(), 0.0)};
    for (std::size_t i = 0; i < n; ++i)
      add(sums[is_right[i] ? 1 : 0], vectors[members[i]], 1);
    direction = scaled(sums[1]);
    add(direction, scaled(sums[0]), -1);
  }
  std::vector<std::uint32_t> sides[2];
  for (std::size_t i = 0; i < n; ++i)
    sides[is_right[i] ? 1 : 0].push_back(members[i]);
  std::ranges::copy(sides[0], members.begin());
  std::ranges::copy(sides[1], members.begin() + static_cast<std::ptrdiff_t>(cut));
}

std::vector<LabelId> plain_kmeans(const DenseRows& vectors, const TreeShape& shape, unsigned rounds,
                                  std::uint64_t seed) {
  std::vector<LabelId> order(vectors.size());
  std::iota(order.begin(), order.end(), LabelId{0});
  split_range(vectors, shape, 0, shape.clusters(), rounds, seed, order);
  return order;
}

DenseRows plain_centroids(const DenseRows& vectors, std::span<const std::vector<std::uint32_t>> clusters) {
  DenseRows centroids;
  for (const auto& rows : clusters) {
    Vector sum(vectors.front().size(), 0.0);
    for (const std::uint32_t row : rows)
      add(sum, vectors[row], 1);
    centroids.push_back(scaled(sum));
  }
  return centroids;
}

std::uint32_t plain_nearest(const DenseRows& centroids, const Vector& row) {
  std::uint32_t best = 0;
  for (std::uint32_t cluster = 1; cluster < centroids.size(); ++cluster)
    if (dot(centroids[cluster], row) > dot(centroids[best], row)) best = cluster;
  return best;
}

std::vector<std::uint32_t> plain_kmeans_clusters(const DenseRows& vectors, std::uint32_t k, Random random,
                                                 unsigned rounds) {
  std::vector<std::uint32_t> rows(vectors.size()), cluster_of(vectors.size(), k);
  std::iota(rows.begin(), rows.end(), 0U);
  random.shuffle(std::span(rows));
  std::vector<std::vector<std::uint32_t>> clusters(k);
  for (std::uint32_t cluster = 0; cluster < k; ++cluster)
    clusters[cluster].push_back(rows[cluster]);
  for (unsigned round = 0; round < rounds; ++round) {
    const DenseRows centroids = plain_centroids(vectors, clusters);
    clusters.assign(k, {});
    std::size_t moved = 0;
    for (std::uint32_t row = 0; row < vectors.size(); ++row) {
      const std::uint32_t best = plain_nearest(centroids, vectors[row]);
      moved += best != cluster_of[row] ? 1 : 0;
      cluster_of[row] = best;
      clusters[best].push_back(row);
    }
    if (moved <= vectors.size() / 1000) break;
  }
  return cluster_of;
}

double cohesion(const DenseRows& vectors, const LabelTree& tree) {
  double total = 0;
  const std::size_t last = tree.depth() - 1;
  for (NodeId cluster = 0; cluster < tree.parents(last); ++cluster) {
    Vector sum(vectors.front().size(), 0.0);
    for (const NodeId node : tree.children(last, cluster))
      add(sum, vectors[tree.labels()[node]], 1);
    total += length(sum);
  }
  return total;
}

}  // namespace xmr::test
