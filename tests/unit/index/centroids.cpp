#include "xmr/index/centroids.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "support/catch.hpp"
#include "support/plain_clustering.hpp"
#include "support/random_matrix.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

using Clusters = std::vector<std::vector<std::uint32_t>>;

Clusters deal(std::uint32_t rows, std::uint32_t clusters) {
  Clusters dealt(clusters);
  for (std::uint32_t row = 0; row < rows; ++row)
    dealt[row % clusters].push_back(row);
  return dealt;
}

Centroids centroids_of(CsrView vectors, const Clusters& clusters, unsigned threads = 1) {
  Parallel parallel(threads);
  return {vectors, clusters, parallel};
}

}  // namespace

TEST_CASE("the nearest centroid is the one that the plain implementation finds", "[threads]") {
  for (std::uint32_t k : {1U, 2U, 15U, 16U, 17U, 40U}) {
    const CsrMatrix vectors = random_matrix(80, 30, 0.2, k), others = random_matrix(200, 30, 0.4, k + 100);
    const Clusters clusters = deal(80, k);
    const Centroids centroids = centroids_of(vectors, clusters, 2);
    const DenseRows expected = plain_centroids(dense(vectors), clusters), rows = dense(others);
    const std::vector<std::uint32_t> nearest = centroids.nearest(others);
    REQUIRE(nearest.size() == others.rows());
    for (std::uint32_t r = 0; r < others.rows(); ++r)
      CHECK(nearest[r] == plain_nearest(expected, rows[r]));
  }
}

TEST_CASE("columns that no clustered row has count for nothing") {
  CsrMatrix vectors(9);
  for (const std::uint32_t column : {3U, 5U}) {
    vectors.push(column, 2.0F);
    vectors.end_row();
  }
  const Centroids centroids = centroids_of(vectors, {{0}, {1}});
  const CsrMatrix row(9, {0, 3}, {0, 5, 8}, {7.0F, 0.5F, -7.0F});
  const CentroidLanes scores = centroids.scores(0, row).front();
  CHECK(scores[0] == 0);
  CHECK(scores[1] == 0.5F);
  CHECK(centroids.nearest(row) == std::vector<std::uint32_t>{1});
}

TEST_CASE("of centroids that are equally near the first is the nearest, and where no score is a number") {
  CsrMatrix vectors(2);
  for (int row = 0; row < 3; ++row) {
    vectors.push(0, 1e30F);
    vectors.push(1, -1e30F);
    vectors.end_row();
  }
  const Centroids centroids = centroids_of(vectors, deal(3, 3));
  const CsrMatrix rows(2, {0, 0, 1, 3}, {0, 0, 1}, {1.0F, 3e38F, 3e38F});
  CHECK(centroids.nearest(rows) == std::vector<std::uint32_t>(3));
}
