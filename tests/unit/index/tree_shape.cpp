#include "xmr/index/tree_shape.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "xmr/util/error.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

using LevelSizes = std::vector<NodeId>;

LevelSizes levels(const TreeShape& shape) {
  return {shape.levels().begin(), shape.levels().end()};
}

std::uint64_t largest_leaf(const TreeShape& shape) {
  return (std::uint64_t{shape.labels()} + shape.clusters() - 1) / shape.clusters();
}

// Checks the invariants of every shape.
void check_tree(const TreeShape& shape, std::uint32_t max_leaf) {
  std::vector<LabelId> order(shape.labels());
  std::iota(order.begin(), order.end(), LabelId{0});
  const LabelTree tree = shape.tree(order);
  REQUIRE(tree.depth() == shape.levels().size() + 1);
  const std::size_t last = tree.depth() - 1;
  for (NodeId cluster = 0; cluster < tree.parents(last); ++cluster) {
    const auto size = tree.children(last, cluster).size();
    REQUIRE(size <= max_leaf);
    REQUIRE(size >= shape.labels() / shape.clusters());
    REQUIRE(size <= shape.labels() / shape.clusters() + 1);
  }
}

// Cuts a range as a clustering does; collects the ranges that occur.
void collect_ranges(const TreeShape& shape, NodeId begin, NodeId end, std::vector<std::pair<NodeId, NodeId>>& ranges) {
  ranges.emplace_back(begin, end);
  if (end - begin < 2) return;
  const NodeId middle = shape.split(begin, end);
  REQUIRE(middle > begin);
  REQUIRE(middle < end);
  collect_ranges(shape, begin, middle, ranges);
  collect_ranges(shape, middle, end, ranges);
}

}  // namespace

TEST_CASE("few labels hang below the root") {
  for (const std::uint64_t labels : {1, 2, 15, 100}) {
    CHECK(levels(TreeShape::wide_root(labels, 16, 100)).empty());
    CHECK(levels(TreeShape::pecos(labels, 16, 100)).empty());
    CHECK(TreeShape::wide_root(labels, 16, 100).clusters() == 1);
  }
}

TEST_CASE("a wide root takes what the full levels leave") {
  CHECK(levels(TreeShape::wide_root(101, 16, 100)) == LevelSizes{2});
  CHECK(levels(TreeShape::wide_root(4000, 16, 100)) == LevelSizes{64});
  CHECK(levels(TreeShape::wide_root(6400, 16, 100)) == LevelSizes{64});
  CHECK(levels(TreeShape::wide_root(6401, 16, 100)) == LevelSizes{8, 128});
  CHECK(levels(TreeShape::wide_root(50000, 16, 100)) == LevelSizes{56, 896});
  CHECK(levels(TreeShape::wide_root(1000000, 16, 100)) == LevelSizes{64, 1024, 16384});
  CHECK(levels(TreeShape::wide_root(100000000, 16, 100)) == LevelSizes{30, 480, 7680, 122880, 1966080});
}

TEST_CASE("PECOS's form groups a power of two of clusters from the bottom up") {
  CHECK(levels(TreeShape::pecos(101, 16, 100)) == LevelSizes{2});
  CHECK(levels(TreeShape::pecos(4000, 16, 100)) == LevelSizes{4, 64});
  CHECK(levels(TreeShape::pecos(50000, 16, 100)) == LevelSizes{2, 32, 512});
  CHECK(levels(TreeShape::pecos(63436, 16, 100)) == LevelSizes{4, 64, 1024});
  CHECK(levels(TreeShape::pecos(4000, 10, 100)) == LevelSizes{7, 64});
}

TEST_CASE("every form gives clusters of at most max-leaf labels that differ by one at most") {
  const std::uint32_t branching = GENERATE(2, 3, 10, 16, 32);
  const std::uint32_t max_leaf = GENERATE(2, 7, 16, 100);
  for (std::uint64_t labels = 1; labels < 3000; labels += 1 + labels / 20) {
    check_tree(TreeShape::wide_root(labels, branching, max_leaf), max_leaf);
    check_tree(TreeShape::pecos(labels, branching, max_leaf), max_leaf);
  }
}

TEST_CASE("a wide root has few levels, none wider than it may be, at any number of labels") {
  for (std::uint64_t labels = 101; labels < 4000000000; labels = labels * 11 / 7 + 3) {
    const TreeShape shape = TreeShape::wide_root(labels, 16, 100);
    REQUIRE(largest_leaf(shape) <= 100);
    REQUIRE(largest_leaf(shape) >= 40);
    REQUIRE(shape.levels()[0] <= 64);
    for (std::size_t level = 1; level < shape.levels().size(); ++level)
      REQUIRE(shape.levels()[level] == shape.levels()[level - 1] * 16);
    REQUIRE(levels(shape).size() <= levels(TreeShape::pecos(labels, 16, 100)).size());
  }
}

TEST_CASE("no split cuts through a node of an upper level") {
  const TreeShape shape = TreeShape::wide_root(100000, 10, 50);
  std::vector<std::pair<NodeId, NodeId>> ranges;
  collect_ranges(shape, 0, shape.clusters(), ranges);
  for (const NodeId nodes : shape.levels()) {
    const NodeId width = shape.clusters() / nodes;
    for (NodeId node = 0; node < nodes; ++node)
      REQUIRE(std::ranges::count(ranges, std::pair(node * width, (node + 1) * width)) == 1);
  }
}

TEST_CASE("rejects forms that cannot be") {
  CHECK_THROWS_AS(TreeShape::wide_root(0, 16, 100), ConfigError);
  CHECK_THROWS_AS(TreeShape::wide_root(std::uint64_t{1} << 32, 16, 100), ConfigError);
  CHECK_THROWS_AS(TreeShape::wide_root(5, 1, 100), ConfigError);
  CHECK_THROWS_AS(TreeShape::pecos(5, 16, 1), ConfigError);
  CHECK_THROWS_AS(TreeShape::wide_root(3, 16, 100).tree({0, 1, 1}), DataError);
}
