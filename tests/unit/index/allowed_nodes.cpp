#include "xmr/index/allowed_nodes.hpp"

#include <vector>

#include "xmr/index/tree_paths.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

// Labels 4 0 | (none) | 3 1 2; label 5 has no place.
LabelTree tree_for_nodes() {
  return {{{0, 3}, {0, 2, 2, 5}}, {4, 0, 3, 1, 2}, 6};
}

using Ways = std::vector<std::vector<NodeId>>;

}  // namespace

TEST_CASE("the nodes that lead to labels of a set are known") {
  const LabelTree tree = tree_for_nodes();
  const AllowedNodes nodes(tree, {false, true, true, false, false, true});
  CHECK(nodes.labels() == 2);
  CHECK_FALSE(nodes.has(0, 0));
  CHECK_FALSE(nodes.has(0, 1));
  CHECK(nodes.has(0, 2));
  CHECK(nodes.has(1, 3));
  CHECK_FALSE(nodes.has(1, 2));
}

TEST_CASE("the ways to labels, or to nodes, are increasing nodes of each level") {
  const LabelTree tree = tree_for_nodes();
  const TreePaths paths(tree);
  Ways ways;
  paths.ways_to(std::vector<std::uint32_t>{2, 4, 5, 2}, 1, ways);
  CHECK(ways == Ways{{0, 2}, {0, 4}});
  paths.ways_to(std::vector<std::uint32_t>{2, 1}, 0, ways);
  CHECK(ways == Ways{{1, 2}});
  paths.ways_to({}, 1, ways);
  CHECK(ways == Ways{{}, {}});
}
