#include "xmr/index/tree_top.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/plain_clustering.hpp"
#include "support/random_matrix.hpp"
#include "support/topics.hpp"
#include "support/tree_below.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

// Each label has one row, and so a vector that is this row.
TreeTop top_of(CsrView rows, const KMeansTreeOptions& options, LabelId sample, unsigned threads = 1) {
  Parallel parallel(threads);
  const CsrMatrix y = identity(rows.rows);
  return tree_top(LabelEmbedding(rows, y, {}, {Norm::l2, 0}, parallel), {}, options, sample, parallel);
}

constexpr KMeansTreeOptions kOptions{.branching = 16, .max_leaf = 20, .kmeans = {8, 3}};

std::vector<LabelId> plain_draw(std::size_t labels, std::size_t count, Random& random) {
  std::vector<LabelId> drawn;
  for (LabelId label = 0; drawn.size() < count; ++label)
    if (random.below(labels - label) < count - drawn.size()) drawn.push_back(label);
  return drawn;
}

LevelNodes plain_assign(const DenseRows& all, const std::vector<LabelId>& labels, const DenseRows& centroids) {
  LevelNodes clusters(centroids.size());
  for (const LabelId label : labels)
    clusters[plain_nearest(centroids, all[label])].push_back(label);
  std::erase_if(clusters, [](const auto& cluster) { return cluster.empty(); });
  return clusters;
}

// Makes the same top by plain implementations, if no cluster is too large.
LevelNodes plain_top(CsrView rows, std::uint32_t k, std::size_t sample, const KMeansOptions& options) {
  Random random(options.seed);
  const DenseRows all = dense(rows);
  LevelNodes clusters;
  for (const LabelId label : plain_draw(all.size(), k, random))
    clusters.push_back({label});
  for (unsigned round = 0; round < options.rounds; ++round)
    clusters = plain_assign(all, plain_draw(all.size(), sample, random), plain_centroids(all, clusters));
  std::vector<LabelId> labels(all.size());
  std::iota(labels.begin(), labels.end(), LabelId{0});
  return plain_assign(all, labels, plain_centroids(all, clusters));
}

// All labels, each once, in nodes that are neither empty nor too large.
void check_nodes(const TreeTop& top, LabelId labels, const KMeansTreeOptions& options) {
  const TreeShape shape = TreeShape::wide_root(labels, options.branching, options.max_leaf);
  std::vector<LabelId> all;
  for (const std::vector<LabelId>& node : top.divided.nodes) {
    CHECK(!node.empty());
    CHECK(node.size() <= largest_node(shape, options, 0));
    CHECK(std::ranges::is_sorted(node));
    all.insert(all.end(), node.begin(), node.end());
  }
  std::ranges::sort(all);
  std::vector<LabelId> expected(labels);
  std::iota(expected.begin(), expected.end(), LabelId{0});
  CHECK(all == expected);
  CHECK(top.divided.offsets ==
        std::vector<std::vector<std::uint32_t>>{{0, static_cast<std::uint32_t>(top.divided.nodes.size())}});
}

}  // namespace

TEST_CASE("without a sample, or with one of all labels, the top of a tree is that of the whole tree") {
  const CsrMatrix rows = topic_vectors(3000, 30, 1);
  Parallel parallel;
  const CsrMatrix vectors = embed_labels(rows, identity(3000), {}, {Norm::l2, 0}, parallel);
  const LabelTree whole = kmeans_tree(vectors, kOptions, parallel);
  for (const LabelId sample : {0U, 3000U, 3001U}) {
    const TreeTop top = top_of(rows, kOptions, sample);
    CHECK(top.entries == entries_of(rows));
    CHECK(kmeans_tree_below(top.divided, 3000, rows_of(vectors), kOptions, parallel).fingerprint() ==
          whole.fingerprint());
  }
  const TreeTop sampled = top_of(rows, kOptions, 2999);
  CHECK(sampled.entries == entries_of(rows));
  CHECK(tree_below(sampled.divided, vectors, kOptions, parallel).fingerprint() != whole.fingerprint());
}

TEST_CASE("labels go to the nearest centroid of the sample, as the plain implementation finds") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto labels = static_cast<LabelId>(300 + 40 * seed);
    const KMeansTreeOptions options{
        .branching = 16, .max_leaf = 100, .kmeans = {1 + static_cast<unsigned>(seed), seed}};
    const CsrMatrix rows = normalize_rows(random_matrix(labels, 12, 0.9, seed), Norm::l2);
    const LabelId sample = labels / 2;
    const NodeId k = TreeShape::wide_root(labels, 16, 100).levels().front();
    LevelNodes expected = plain_top(rows, k, sample, options.kmeans);
    LevelNodes nodes = top_of(rows, options, sample).divided.nodes;
    // Halves of clusters that are too large follow each other.
    for (std::size_t i = 0; i < expected.size(); ++i) {
      REQUIRE(i < nodes.size());
      while (nodes[i].size() < expected[i].size() && i + 1 < nodes.size()) {
        nodes[i].insert(nodes[i].end(), nodes[i + 1].begin(), nodes[i + 1].end());
        nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      }
      std::ranges::sort(nodes[i]);
    }
    CHECK(nodes == expected);
  }
}

TEST_CASE("a sample leaves no node of the top empty or too large, whatever the labels are like") {
  const LabelId sample = GENERATE(64, 100, 700);
  check_nodes(top_of(topic_vectors(2000, 40, 1), kOptions, sample), 2000, kOptions);
  // Half of the labels are alike, and resemble no others: halved by samples, then by all of them.
  CsrMatrix rows(60);
  const CsrMatrix others = random_matrix(1000, 50, 0.1, 2);
  for (LabelId label = 0; label < 1000; ++label) {
    rows.push(50 + label % 2, 1);
    rows.end_row();
    rows.append_row(others.view().row(label));
  }
  check_nodes(top_of(rows, kOptions, sample), 2000, kOptions);
  // Labels that cannot be told apart, and those just below whose nodes are the labels.
  check_nodes(top_of(CsrMatrix(30, std::vector<Offset>(2001), {}, {}), kOptions, sample), 2000, kOptions);
  check_nodes(top_of(rows, {.branching = 16, .max_leaf = 100, .kmeans = {8, 3}}, sample), 2000,
              {.branching = 16, .max_leaf = 100, .kmeans = {8, 3}});
}

TEST_CASE("where vectors lie along an arc each node of the top has a piece of it, halved by a sample or not") {
  constexpr LabelId labels = 2000;
  const LabelId sample = GENERATE(64, 700);
  const auto place = [](LabelId label) { return label * 7 % labels; };
  CsrMatrix rows(2);
  for (LabelId label = 0; label < labels; ++label) {
    const double angle = 1.5 * (place(label) + 1) / labels;
    rows.push(0, static_cast<float>(std::cos(angle)));
    rows.push(1, static_cast<float>(std::sin(angle)));
    rows.end_row();
  }
  const KMeansTreeOptions options{.branching = 6, .max_leaf = 100, .kmeans = {1, 1}};
  const TreeTop top = top_of(rows, options, sample);
  check_nodes(top, labels, options);
  const auto sizes = [&](std::size_t i) { return top.divided.nodes[i].size() + top.divided.nodes[i + 1].size(); };
  bool has_halves = false;  // next to each other, too large together
  for (std::size_t i = 0; i + 1 < top.divided.nodes.size(); ++i)
    has_halves |= sizes(i) > 100 && sizes(i) / 2 == top.divided.nodes[i].size();
  CHECK(has_halves);
  for (const std::vector<LabelId>& node : top.divided.nodes) {
    const auto [first, last] = std::ranges::minmax(node, {}, place);
    CHECK(place(last) - place(first) + 1 == node.size());
  }
}

TEST_CASE("a sample finds the topics that all labels have") {
  const CsrMatrix rows = topic_vectors(8000, 40, 2);
  Parallel parallel;
  const LabelTree all = kmeans_tree(rows, kOptions, parallel);
  const LabelTree sampled = tree_below(top_of(rows, kOptions, 800).divided, rows, kOptions, parallel);
  CHECK(cohesion(dense(rows), sampled) > 0.97 * cohesion(dense(rows), all));
}

TEST_CASE("the top by a sample is the same for any number of threads, and another one for another seed or sample",
          "[threads]") {
  const CsrMatrix rows = topic_vectors(6000, 50, 3);
  const auto nodes = [&](LabelId sample, std::uint64_t seed, unsigned threads) {
    return top_of(rows, {.branching = 4, .max_leaf = 20, .kmeans = {8, seed}}, sample, threads).divided.nodes;
  };
  const LevelNodes expected = nodes(200, 1, 1);
  CHECK(nodes(200, 1, 2) == expected);
  CHECK(nodes(200, 1, 7) == expected);
  CHECK(nodes(200, 2, 2) != expected);
  CHECK(nodes(201, 1, 2) != expected);
}

TEST_CASE("a sample has at least as many labels as the root has children") {
  const CsrMatrix rows = topic_vectors(2000, 10, 1);
  const NodeId children = TreeShape::wide_root(2000, 16, 20).levels().front();
  CHECK_NOTHROW(top_of(rows, kOptions, children));
  CHECK_THROWS_WITH(top_of(rows, kOptions, children - 1),
                    Catch::Contains("labels are fewer than the") && Catch::Contains("children of the root"));
}
