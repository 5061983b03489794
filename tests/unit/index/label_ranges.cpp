#include "xmr/index/label_ranges.hpp"

#include <algorithm>
#include <vector>

#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/plain_model.hpp"

using namespace xmr;

namespace {

bool plainly_meets(const LabelTree& tree, std::size_t level, NodeId node, LabelRange range) {
  if (level + 1 == tree.depth()) return range.contains(tree.labels()[node]);
  for (const NodeId child : tree.children(level + 1, node))
    if (plainly_meets(tree, level + 1, child, range)) return true;
  return false;
}

}  // namespace

TEST_CASE("a node meets a range if a label of it hangs below") {
  Random random(5);
  for (int round = 0; round < 100; ++round) {
    CAPTURE(round);
    const LabelTree tree = test::random_model(random, 1).tree;
    const LabelRanges ranges(tree);
    for (int i = 0; i < 5; ++i) {
      const auto first = static_cast<LabelId>(random.below(std::uint64_t{tree.label_count()} + 1));
      const auto last = static_cast<LabelId>(random.below(std::uint64_t{tree.label_count()} + 1));
      for (std::size_t level = 0; level < tree.depth(); ++level)
        for (NodeId node = 0; node < tree.nodes(level); ++node)
          CHECK(ranges.meets(level, node, {first, last}) == plainly_meets(tree, level, node, {first, last}));
    }
  }
}

TEST_CASE("the labels of a node increase") {
  const LabelTree tree({{0, 2}, {0, 2, 4}}, {2, 0, 3, 1});
  const LabelRanges ranges(tree);
  CHECK(std::ranges::equal(ranges.labels(0, 0), std::vector<LabelId>{0, 2}));
  CHECK(std::ranges::equal(ranges.labels(0, 1), std::vector<LabelId>{1, 3}));
}
