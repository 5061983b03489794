#include <string>
#include <utility>
#include <vector>

#include "xmr/predict/linear_search.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

#include "support/catch.hpp"
#include "support/plain_model.hpp"
#include "support/ranked.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using test::ranked;
using test::Ranked;

TEST_CASE("exact search finds the best labels of all, as scoring every node does") {
  const test::TemporaryDirectory folder;
  const std::string name = GENERATE("l1-hinge", "l3-hinge", "l4-hinge", "log-l2-hinge", "sigmoid", "log-sigmoid");
  const PostProcessor post_processor(name);
  Random random(21, hash64(name));
  for (int round = 0; round < 25; ++round) {
    CAPTURE(name, round);
    const test::PlainModel plain = test::random_model(random, 12);
    plain.write(folder / "model.npz");
    const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
    const auto k = static_cast<std::uint32_t>(1 + random.below(std::uint64_t{plain.tree.label_count()} + 2));
    BeamSearch search(model, exact_search({.k = k, .post_processor = post_processor}, model.tree()));
    const CsrMatrix queries = test::random_queries(random, 12, 6);
    std::vector<Query> group;
    for (Row row = 0; row < queries.rows(); ++row)
      group.push_back({queries.view().row(row)});
    const CsrView answers = search.rank(group);
    for (Row row = 0; row < queries.rows(); ++row)
      CHECK(ranked(answers.row(row)) ==
            exhaustive_walk(plain, queries.view().row(row), post_processor, TieRule::margin, k));
  }
}

TEST_CASE("exact search visits no more nodes than it must") {
  const test::TemporaryDirectory folder;
  // Three clusters of two labels; the first feature leads to the first cluster, whose labels beat all others.
  const test::PlainModel plain{
      .tree = LabelTree({{0, 3}, {0, 2, 4, 6}}, {0, 1, 2, 3, 4, 5}),
      .features = 1,
      .weights = {{{1, 0}, {0, 0}, {-1, 0}}, {{1, 0}, {0.5F, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}}}};
  plain.write(folder / "model.npz");
  const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
  SearchCounts counts;
  const std::vector<FeatureId> indices{0};
  const std::vector<float> values{1};
  BeamSearch one(model,
                 exact_search({.k = 1, .post_processor = PostProcessor("l3-hinge"), .counts = &counts}, model.tree()));
  CHECK(ranked(one({{indices, values}})) == Ranked{{0, 1}});
  CHECK(counts.queries == 1);
  CHECK(counts.parents == 2);
  CHECK(counts.nodes == 5);
}

TEST_CASE("exact search refuses what has no bound") {
  const test::TemporaryDirectory folder;
  Random random(3);
  test::random_model(random, 2).write(folder / "model.npz");
  const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
  CHECK_THROWS_WITH(exact_search({.post_processor = PostProcessor("noop")}, model.tree()),
                    "exact search: with noop a label may score more than the nodes above it, so that only scoring all "
                    "labels would tell");
}
