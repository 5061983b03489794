#include "xmr/index/grow_tree.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/random_matrix.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

// 12 labels below 4 nodes below 2.
LabelTree sample_tree() {
  return LabelTree({{0, 2}, {0, 2, 4}, {0, 3, 6, 9, 12}}, {11, 3, 7, 0, 1, 2, 4, 5, 6, 8, 9, 10});
}

std::vector<LabelId> same_ids() {
  std::vector<LabelId> ids(12);
  std::iota(ids.begin(), ids.end(), LabelId{0});
  return ids;
}

GrownTree grow(const std::vector<LabelId>& ids, CsrView vectors, std::uint32_t max_leaf = 100, unsigned threads = 1) {
  Parallel parallel(threads);
  return grow_tree(sample_tree(), ids, vectors, {.max_leaf = max_leaf, .kmeans = {}}, parallel);
}

std::vector<LabelId> labels_of(const LabelTree& tree, NodeId leaf) {
  std::vector<LabelId> labels;
  for (const NodeId node : tree.children(2, leaf))
    labels.push_back(tree.labels()[node]);
  return labels;
}

std::string refusal(const std::vector<LabelId>& ids, CsrView vectors) {
  try {
    grow(ids, vectors);
  } catch (const DataError& error) {
    return error.what();
  }
  return "accepted";
}

// Returns the leaf of a label, from dense vectors.
NodeId plain_leaf(const std::vector<std::vector<LabelId>>& kept, CsrView vectors, LabelId label) {
  const auto similarity = [&](std::initializer_list<NodeId> leaves) {
    std::vector<double> sum(vectors.cols);
    for (const NodeId leaf : leaves)
      for (const LabelId of : kept[leaf])
        for (std::size_t i = 0; i < vectors.row(of).size(); ++i)
          sum[vectors.row(of).indices[i]] += vectors.row(of).values[i];
    double product = 0;
    for (std::size_t i = 0; i < vectors.row(label).size(); ++i)
      product += sum[vectors.row(label).indices[i]] * vectors.row(label).values[i];
    return product / std::sqrt(std::inner_product(sum.begin(), sum.end(), sum.begin(), 0.0));
  };
  const NodeId above = similarity({0, 1}) >= similarity({2, 3}) ? 0 : 1;
  return 2 * above + (similarity({2 * above}) >= similarity({2 * above + 1}) ? 0 : 1);
}

}  // namespace

TEST_CASE("new labels go down to the most similar nodes, the others stay in their order", "[threads]") {
  const std::uint64_t seed = GENERATE(range(1U, 6U));
  const CsrMatrix vectors = random_matrix(60, 30, 0.3, seed);
  const GrownTree grown = grow(same_ids(), vectors);
  CHECK(grown.kept == 12);
  CHECK(grown.added == 48);
  CHECK(grown.nodes_added == 0);
  std::vector<std::vector<LabelId>> expected;
  for (NodeId leaf = 0; leaf < 4; ++leaf)
    expected.push_back(labels_of(sample_tree(), leaf));
  const auto kept = expected;
  for (LabelId label = 12; label < 60; ++label)
    expected[plain_leaf(kept, vectors, label)].push_back(label);
  for (NodeId leaf = 0; leaf < 4; ++leaf)
    CHECK(labels_of(grown.tree, leaf) == expected[leaf]);
  CHECK(grow(same_ids(), vectors, 100, 3).tree.fingerprint() == grown.tree.fingerprint());
}

TEST_CASE("labels that are gone leave the tree, a node that loses all of them stays and gets no new ones") {
  const CsrMatrix vectors = random_matrix(30, 20, 0.5, 1);
  // Labels 0, 1 and 2 are all of node 1, and 9 is one of node 3's; the others get the numbers 0..7.
  std::vector<LabelId> ids = {kGone, kGone, kGone, 0, 1, 2, 3, 4, 5, kGone, 6, 7};
  const GrownTree grown = grow(ids, vectors);
  CHECK(grown.kept == 8);
  CHECK(grown.added == 22);
  CHECK(grown.tree.nodes(1) == 4);
  CHECK(grown.tree.label_count() == 30);
  CHECK(labels_of(grown.tree, 1).empty());
  const std::vector<LabelId> first = labels_of(grown.tree, 0), last = labels_of(grown.tree, 3);
  CHECK(std::vector(first.begin(), first.begin() + 3) == std::vector<LabelId>{7, 0, 4});
  CHECK(std::vector(last.begin(), last.begin() + 2) == std::vector<LabelId>{5, 6});
}

TEST_CASE("a node with too many labels is split: the first part stays, the others become the last of their parent's") {
  const CsrMatrix vectors = random_matrix(80, 30, 0.3, 2);
  const LabelTree whole = grow(same_ids(), vectors).tree;
  const GrownTree grown = grow(same_ids(), vectors, 10);
  const LabelTree& tree = grown.tree;
  CHECK(tree.nodes(0) == 2);
  CHECK(tree.nodes(1) == 4 + grown.nodes_added);
  CHECK(grown.nodes_added >= 4);
  for (NodeId leaf = 0; leaf < tree.nodes(1); ++leaf) {
    CHECK(tree.children(2, leaf).size() <= 10);
    CHECK(tree.children(2, leaf).size() >= 5);
  }
  const auto below = [](const LabelTree& of, NodeId node) {
    std::set<LabelId> labels;
    for (const NodeId leaf : of.children(1, node))
      for (const LabelId label : labels_of(of, leaf))
        labels.insert(label);
    return labels;
  };
  for (NodeId node = 0; node < 2; ++node) {
    CHECK(below(tree, node) == below(whole, node));
    const std::vector<LabelId> first = labels_of(tree, tree.children(1, node).front()),
                               all = labels_of(whole, 2 * node);
    CHECK(std::ranges::all_of(first, [&](LabelId label) { return std::ranges::count(all, label) == 1; }));
  }
  CHECK(grow(same_ids(), vectors, 10, 3).tree.fingerprint() == tree.fingerprint());
}

TEST_CASE("labels below the root alone grow there") {
  Parallel parallel;
  const std::vector<LabelId> ids = {1, kGone, 0};
  const CsrMatrix vectors = random_matrix(5, 4, 0.9, 1);
  const GrownTree grown =
      grow_tree(LabelTree({{0, 3}}, {2, 1, 0}), ids, vectors, {.max_leaf = 2, .kmeans = {}}, parallel);
  CHECK(std::vector(grown.tree.labels().begin(), grown.tree.labels().end()) == std::vector<LabelId>{0, 1, 2, 3, 4});
  CHECK(grown.tree.depth() == 1);
}

TEST_CASE("a tree of which nothing is left, and numbers that do not fit, are refused") {
  const CsrMatrix vectors = random_matrix(12, 5, 0.5, 1);
  CHECK(refusal(std::vector<LabelId>(12, kGone), vectors) == "no label of the tree is left: nothing grows from it");
  CHECK(refusal({1, 2}, vectors) == "new numbers of 2 labels, the tree has 12");
  std::vector<LabelId> ids = same_ids();
  ids[3] = 12;
  CHECK(refusal(ids, vectors) == "label 12 is outside 0..11");
  ids[3] = 4;
  CHECK(refusal(ids, vectors) == "two labels of the tree are label 4 now");
}
