#include "xmr/index/kmeans_tree.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "xmr/index/balanced_kmeans.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/plain_clustering.hpp"
#include "support/random_matrix.hpp"
#include "support/topics.hpp"
#include "support/tree_below.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

LabelTree tree_of(CsrView vectors, std::uint32_t branching, std::uint32_t max_leaf, std::uint64_t seed = 0,
                  unsigned threads = 1) {
  Parallel parallel(threads);
  return kmeans_tree(vectors, {branching, max_leaf, {8, seed}}, parallel);
}

// Labels below each node of a level.
std::vector<std::size_t> sizes(const LabelTree& tree, std::size_t level) {
  std::vector<std::size_t> labels(tree.nodes(tree.depth() - 1), 1);
  for (std::size_t below = tree.depth() - 1; below > level; --below) {
    std::vector<std::size_t> above(tree.parents(below));
    for (NodeId parent = 0; parent < above.size(); ++parent)
      for (const NodeId child : tree.children(below, parent))
        above[parent] += labels[child];
    labels = std::move(above);
  }
  return labels;
}

}  // namespace

// LabelTree checks that every label has one place.
TEST_CASE("no cluster of a k-means tree has more than max-leaf labels, no node above four times its share") {
  const LabelId labels = GENERATE(1, 2, 3, 5, 17, 100, 101, 777, 3000);
  const CsrMatrix vectors = random_matrix(labels, 60, 0.1, labels);
  const TreeShape shape = TreeShape::wide_root(labels, 4, 10);
  const LabelTree tree = tree_of(vectors, 4, 10);
  REQUIRE(tree.depth() == shape.levels().size() + 1);
  REQUIRE(tree.placed_labels() == labels);
  for (std::size_t level = 0; level < shape.levels().size(); ++level) {
    const bool are_clusters = level + 1 == shape.levels().size();
    const std::size_t most = are_clusters ? 10 : std::size_t{4} * labels / shape.levels()[level];
    for (const std::size_t size : sizes(tree, level)) {
      CHECK(size >= 1);
      CHECK(size <= most);
    }
  }
}

TEST_CASE("the labels of a cluster stand by increasing id") {
  const LabelTree tree = tree_of(topic_vectors(900, 30, 5), 16, 40);
  const std::size_t last = tree.depth() - 1;
  for (NodeId cluster = 0; cluster < tree.parents(last); ++cluster) {
    const NodeRange nodes = tree.children(last, cluster);
    CHECK(std::ranges::is_sorted(tree.labels().subspan(nodes.front(), nodes.size())));
  }
}

TEST_CASE("k-means finds clusters of other sizes where balanced k-means cuts through topics") {
  // Topics of 5, 10, 15, ... 200 labels.
  const CsrMatrix all = topic_vectors(8000, 40, 2);
  CsrMatrix vectors(all.cols());
  for (LabelId label = 0; label < 8000; ++label) {
    if (label / 40 >= (label % 40 + 1) * 5) continue;
    const SparseRow row = all.view().row(label);
    for (std::size_t i = 0; i < row.size(); ++i)
      vectors.push(row.indices[i], row.values[i]);
    vectors.end_row();
  }
  Parallel parallel;
  const TreeShape shape = TreeShape::wide_root(vectors.rows(), 16, 100);
  const LabelTree balanced = shape.tree(balanced_kmeans(vectors, shape, {20, 1}, parallel));
  CHECK(cohesion(dense(vectors), tree_of(vectors, 16, 100, 1)) > 1.03 * cohesion(dense(vectors), balanced));
}

TEST_CASE("a k-means tree is the same for any number of threads", "[threads]") {
  const CsrMatrix vectors = topic_vectors(20000, 50, 3);
  const std::string expected = tree_of(vectors, 16, 100, 7).fingerprint();
  CHECK(tree_of(vectors, 16, 100, 7, 2).fingerprint() == expected);
  CHECK(tree_of(vectors, 16, 100, 7, 7).fingerprint() == expected);
  CHECK(tree_of(vectors, 16, 100, 8, 2).fingerprint() != expected);
}

TEST_CASE("labels that cannot be told apart are halved until they fit") {
  const LabelTree tree = tree_of(CsrMatrix(30, std::vector<Offset>(501, 0), {}, {}), 16, 10);
  CHECK(std::ranges::max(sizes(tree, tree.depth() - 2)) <= 10);
  CHECK(std::ranges::min(sizes(tree, tree.depth() - 2)) >= 5);
}

TEST_CASE("subtrees from the vectors of one node at a time are those of the whole tree", "[threads]") {
  // Random columns, many of them in one label only: these must not affect the numbers of the others.
  const CsrMatrix vectors = GENERATE(0, 1) == 0 ? topic_vectors(9000, 50, 4) : random_matrix(9000, 20000, 0.001, 5);
  const KMeansTreeOptions options{.branching = 8, .max_leaf = 20, .kmeans = {8, 3}};
  const TreeShape shape = TreeShape::wide_root(9000, 8, 20);
  REQUIRE(shape.levels().size() == 3);
  Parallel parallel(2);
  const LabelTree tree = kmeans_tree(vectors, options, parallel);
  const DividedNodes top = divide_nodes(vectors, shape, options, undivided(shape).nodes, 0, 1, parallel);
  REQUIRE(top.nodes.size() == tree.nodes(0));
  CHECK(tree_below(top, vectors, options, parallel).fingerprint() == tree.fingerprint());
  for (const unsigned threads : {1U, 3U}) {
    Parallel pool(threads);
    CHECK(kmeans_tree_below(top, 9000, rows_of(vectors), options, pool).fingerprint() == tree.fingerprint());
  }
  LevelNodes some{top.nodes[2], top.nodes[0]};
  const Subtrees below = subtrees_of(some, rows_of(vectors), shape, options, 1, parallel);
  CHECK(below.offsets.size() == 3);
  CHECK(below.offsets.front().size() == 3);
  CHECK(below.labels.size() == some[0].size() + some[1].size());
}

TEST_CASE("nodes are divided by a vector for each label") {
  Parallel parallel;
  CHECK_THROWS_AS(divide_nodes(random_matrix(9, 5, 0.5, 1), TreeShape::wide_root(10, 16, 100), {}, {}, 0, 0, parallel),
                  DataError);
}
