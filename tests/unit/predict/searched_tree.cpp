#include "xmr/predict/searched_tree.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "support/catch.hpp"
#include "support/plain_model.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

TEST_CASE("the searched tree has the children of what the beam keeps, and the answers of the search") {
  const test::TemporaryDirectory folder;
  const TieRule ties = GENERATE(TieRule::margin, TieRule::position);
  Random random(22);
  for (int round = 0; round < 30; ++round) {
    CAPTURE(static_cast<int>(ties), round);
    const test::PlainModel plain = test::random_model(random, 12);
    plain.write(folder / "model.npz");
    const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
    const SearchOptions options{.k = 4, .beam = 3, .post_processor = PostProcessor("l3-hinge"), .ties = ties};
    const CsrMatrix queries = test::random_queries(random, 12, 3);
    for (Row row = 0; row < queries.rows(); ++row) {
      const SparseRow query = queries.view().row(row);
      const SearchedTree searched = search_tree(model, options, {query});
      REQUIRE(searched.levels.size() == plain.tree.depth());
      std::vector<NodeId> kept_above{0};
      for (std::size_t level = 0; level < searched.levels.size(); ++level) {
        std::vector<NodeId> expected, visited, kept;
        for (const NodeId parent : kept_above)
          for (const NodeId child : plain.tree.children(level, parent))
            expected.push_back(child);
        for (const SearchedNode& node : searched.levels[level]) {
          visited.push_back(node.node);
          CHECK(node.margin == plain.margin(level, node.node, query));
          if (node.is_kept) kept.push_back(node.node);
        }
        CHECK(visited == expected);
        const std::size_t most = level + 1 == searched.levels.size() ? options.k : options.beam;
        CHECK(kept.size() == std::min(most, visited.size()));
        kept_above = std::move(kept);
      }
      std::vector<std::pair<LabelId, float>> found;
      for (const SearchedNode& node : searched.levels.back())
        if (node.is_kept) found.emplace_back(plain.tree.labels()[node.node], node.score);
      auto answers = exhaustive_walk(plain, query, options.post_processor, ties, options.k, options.beam);
      std::ranges::sort(found);
      std::ranges::sort(answers);
      CHECK(found == answers);
    }
  }
}

TEST_CASE("a picture shows kept nodes, the way to answers in green, and how many children were not kept") {
  const test::TemporaryDirectory folder;
  const test::PlainModel plain{.tree = LabelTree({{0, 3}, {0, 2, 3, 4}}, {1, 0, 2, 3}),
                               .features = 1,
                               .weights = {{{1, 0}, {0.5F, 0}, {0, 0}}, {{1, 0}, {0.5F, 0}, {0.25F, 0}, {3, 0}}}};
  plain.write(folder / "model.npz");
  const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
  const std::vector<FeatureId> indices{0};
  const std::vector<float> values{1};
  const SearchOptions options{.k = 1, .beam = 2, .post_processor = PostProcessor("noop")};
  CHECK(graphviz(search_tree(model, options, {{indices, values}}), model) == R"(digraph search {
  rankdir=LR
  node [shape=box, style=filled, fillcolor=white, fontname="sans-serif"]
  root
  n0_0 [label="node 0\nmargin 1\nscore 1", fillcolor=palegreen]
  root -> n0_0
  n0_1 [label="node 1\nmargin 0.5\nscore 0.5"]
  root -> n0_1
  rest_of_root [label="1 not kept\nbest score 0", style=dashed]
  root -> rest_of_root [style=dashed]
  n1_0 [label="label 1\nmargin 1\nscore 1", fillcolor=palegreen]
  n0_0 -> n1_0
  rest_of_n0_0 [label="1 not kept\nbest score 0.5", style=dashed]
  n0_0 -> rest_of_n0_0 [style=dashed]
  rest_of_n0_1 [label="1 not kept\nbest score 0.25", style=dashed]
  n0_1 -> rest_of_n0_1 [style=dashed]
}
)");
}
