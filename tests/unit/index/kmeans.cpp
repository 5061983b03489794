#include "xmr/index/kmeans.hpp"

#include <algorithm>
#include <vector>

#include "support/catch.hpp"
#include "support/plain_clustering.hpp"
#include "support/random_matrix.hpp"
#include "support/topics.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

using Clusters = std::vector<std::vector<std::uint32_t>>;

Clusters divide(CsrView vectors, std::uint32_t k, std::uint64_t seed, unsigned threads = 1, unsigned rounds = 20) {
  Parallel parallel(threads);
  return KMeans(parallel).divide(vectors, k, Random(seed), rounds);
}

Clusters plain(CsrView vectors, std::uint32_t k, std::uint64_t seed, unsigned rounds) {
  Clusters clusters(k);
  const std::vector<std::uint32_t> of = plain_kmeans_clusters(dense(vectors), k, Random(seed), rounds);
  for (std::uint32_t row = 0; row < of.size(); ++row)
    clusters[of[row]].push_back(row);
  std::erase_if(clusters, [](const auto& rows) { return rows.empty(); });
  return clusters;
}

}  // namespace

TEST_CASE("k-means does what the plain implementation does") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto rows = static_cast<std::uint32_t>(3 + seed * 9), k = 1 + static_cast<std::uint32_t>(seed * 7 % rows);
    const CsrMatrix vectors = random_matrix(rows, 30, 0.3, seed);
    const unsigned rounds = 1 + static_cast<unsigned>(seed % 9);
    CHECK(divide(vectors, k, seed, 1, rounds) == plain(vectors, k, seed, rounds));
  }
}

TEST_CASE("k-means finds topics of unequal sizes") {
  CsrMatrix vectors(3);
  Clusters topics(3);
  for (std::uint32_t row = 0; row < 84; ++row) {
    const std::uint32_t topic = row < 64 ? 0 : row < 80 ? 1 : 2;
    topics[topic].push_back(row);
    vectors.push(topic, 1.0F);
    vectors.end_row();
  }
  int found = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Clusters clusters = divide(vectors, 8, seed);
    std::ranges::sort(clusters);
    found += clusters == topics ? 1 : 0;
  }
  CHECK(found >= 4);  // one of the first centroids must be of the smallest topic
}

TEST_CASE("k-means of many rows finds what it finds in some of them") {
  constexpr std::uint32_t kTopics = 3;
  const CsrMatrix vectors = topic_vectors(2 * KMeans::kEnoughRows * kTopics, kTopics, 5);
  Clusters topics(kTopics);
  for (std::uint32_t row = 0; row < vectors.rows(); ++row)
    topics[row % kTopics].push_back(row);
  int found = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Clusters clusters = divide(vectors, kTopics, seed);
    std::ranges::sort(clusters);
    found += clusters == topics ? 1 : 0;
  }
  CHECK(found >= 2);  // where the first centroids are of three topics
  CHECK(divide(vectors, kTopics, 1, 2) == divide(vectors, kTopics, 1, 1));
  // One row less, and all of them are visited in each round.
  const CsrView fewer{vectors.rows() - 1, vectors.view().cols, vectors.view().indptr.first(vectors.rows()),
                      vectors.view().indices.first(vectors.view().indptr[vectors.rows() - 1]),
                      vectors.view().values.first(vectors.view().indptr[vectors.rows() - 1])};
  CHECK(divide(fewer, kTopics, 3, 1, 4) == plain(fewer, kTopics, 3, 4));
}

TEST_CASE("k-means of rows that are alike leaves one cluster") {
  CsrMatrix vectors(4);
  for (int row = 0; row < 30; ++row) {
    vectors.push(1, 0.6F);
    vectors.push(3, 0.8F);
    vectors.end_row();
  }
  CHECK(divide(vectors, 5, 1).size() == 1);
  CHECK(divide(CsrMatrix(4, std::vector<Offset>(31, 0), {}, {}), 5, 1).size() == 1);
}

TEST_CASE("k-means takes no score for the best that is not a number") {
  CsrMatrix vectors(2);
  for (const float sign : {1.0F, -1.0F}) {
    vectors.push(0, 1e30F);
    vectors.push(1, sign * 1e30F);
    vectors.end_row();
  }
  for (std::uint64_t seed = 0; seed < 4; ++seed)
    CHECK(divide(vectors, 2, seed).size() == 2);  // ∞ of its own, ∞ - ∞ of the other
}

TEST_CASE("k-means puts rows that no centroid suits into the first cluster and leaves them there") {
  CsrMatrix vectors(1);
  for (const float sign : {1.0F, -1.0F, -1.0F, -1.0F}) {
    vectors.push(0, sign * 1e30F);
    vectors.end_row();
  }
  CHECK(divide(vectors, 1, 1) == Clusters{{0, 1, 2, 3}});
}

TEST_CASE("k-means gives the same clusters for any number of threads", "[threads]") {
  const CsrMatrix vectors = topic_vectors(5000, 50, 3);
  const Clusters expected = divide(vectors, 37, 7);
  CHECK(divide(vectors, 37, 7, 2) == expected);
  CHECK(divide(vectors, 37, 7, 7) == expected);
  CHECK(divide(vectors, 37, 8, 2) != expected);
}
