#include "xmr/index/balanced_kmeans.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/plain_clustering.hpp"
#include "support/random_matrix.hpp"
#include "support/topics.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

using Order = std::vector<LabelId>;

Order cluster(CsrView vectors, const TreeShape& shape, std::uint64_t seed = 0, unsigned threads = 1) {
  Parallel parallel(threads);
  return balanced_kmeans(vectors, shape, {20, seed}, parallel);
}

bool is_permutation(Order order) {
  std::ranges::sort(order);
  for (std::size_t i = 0; i < order.size(); ++i)
    if (order[i] != i) return false;
  return true;
}

Order by_id(LabelId labels) {
  Order order(labels);
  std::iota(order.begin(), order.end(), LabelId{0});
  return order;
}

}  // namespace

TEST_CASE("balanced k-means orders every label once, clusters by id") {
  const LabelId labels = GENERATE(1, 2, 3, 5, 17, 100, 101, 777, 3000);
  const CsrMatrix vectors = random_matrix(labels, 60, 0.1, labels);
  const TreeShape shape = TreeShape::wide_root(labels, 4, 10);
  const Order order = cluster(vectors, shape);
  REQUIRE(is_permutation(order));
  for (NodeId cluster = 0; cluster < shape.clusters(); ++cluster)
    CHECK(std::is_sorted(order.begin() + shape.first_label(cluster), order.begin() + shape.first_label(cluster + 1)));
}

TEST_CASE("balanced k-means puts the labels of a topic together") {
  const CsrMatrix vectors = topic_vectors(640, 8, 1);
  const TreeShape shape = TreeShape::pecos(640, 8, 80);
  const Order order = cluster(vectors, shape);
  for (NodeId cluster = 0; cluster < 8; ++cluster) {
    const LabelId topic = order[shape.first_label(cluster)] % 8;
    CHECK(std::all_of(order.begin() + shape.first_label(cluster), order.begin() + shape.first_label(cluster + 1),
                      [&](LabelId label) { return label % 8 == topic; }));
  }
}

TEST_CASE("balanced k-means is as good as the plain implementation") {
  const TreeShape shape = TreeShape::wide_root(1500, 16, 20);
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const CsrMatrix vectors = topic_vectors(1500, 40, seed);
    const DenseRows rows = dense(vectors);
    const double plain = cohesion(rows, shape.tree(plain_kmeans(rows, shape, 20, seed)));
    CHECK(cohesion(rows, shape.tree(cluster(vectors, shape, seed))) > plain * 0.98);
    CHECK(plain > cohesion(rows, shape.tree(by_id(1500))) * 1.2);
  }
}

TEST_CASE("balanced k-means gives the same order for any number of threads", "[threads]") {
  const CsrMatrix vectors = topic_vectors(20000, 50, 3);
  const TreeShape shape = TreeShape::wide_root(20000, 16, 100);
  const Order expected = cluster(vectors, shape, 7);
  CHECK(cluster(vectors, shape, 7, 2) == expected);
  CHECK(cluster(vectors, shape, 7, 7) == expected);
  CHECK(cluster(vectors, shape, 8, 2) != expected);
}

TEST_CASE("labels that cannot be told apart are ordered by id") {
  const TreeShape shape = TreeShape::wide_root(500, 16, 10);
  CHECK(cluster(CsrMatrix(30, std::vector<Offset>(501, 0), {}, {}), shape) == by_id(500));
  CsrMatrix duplicates(30);
  for (int r = 0; r < 500; ++r) {
    duplicates.push(4, 0.6F);
    duplicates.push(9, 0.8F);
    duplicates.end_row();
  }
  CHECK(cluster(duplicates, shape) == by_id(500));
}

TEST_CASE("rejects vectors of another number of labels") {
  CHECK_THROWS_AS(cluster(random_matrix(9, 5, 0.5, 1), TreeShape::wide_root(10, 16, 100)), DataError);
}

TEST_CASE("features that only two labels have bring these together") {
  CsrMatrix vectors(2);
  for (const std::uint32_t own : {0U, 1U, 0U, 1U}) {
    vectors.push(own, 1.0F);
    vectors.end_row();
  }
  int together = 0;  // not where k-means begins with two labels that are alike
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Order order = cluster(vectors, TreeShape::pecos(4, 2, 2), seed);
    together += order[0] % 2 == order[1] % 2 ? 1 : 0;
  }
  CHECK(together >= 5);
}
