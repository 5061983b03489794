#include "xmr/predict/explain.hpp"

#include <cmath>
#include <string>

#include "xmr/predict/beam_search.hpp"

#include "support/catch.hpp"
#include "support/plain_model.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

TEST_CASE("a path has the margins computed by hand, and the features that made them, the largest first") {
  const test::TemporaryDirectory folder;
  // Two clusters of two labels; labels 2, 0 | 3, 1. The last weight of a node is its bias.
  const test::PlainModel plain{
      .tree = LabelTree({{0, 2}, {0, 2, 4}}, {2, 0, 3, 1}),
      .features = 3,
      .weights = {{{1, 0, 0, 0}, {0, 1, 0, 0}}, {{0, 0, 0, 0}, {1, 0, 0, 0.25F}, {0, 0, 0, 0}, {0.25F, -1, 3, 1}}}};
  plain.write(folder / "model.npz");
  const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
  Explainer explain(model, PostProcessor("noop"));
  const std::vector<FeatureId> indices{0, 1};
  const std::vector<float> values{1, 0.5F};
  const std::vector<PathStep> path = explain({indices, values}, 1);
  REQUIRE(path.size() == 2);
  CHECK(path[0].node == 1);
  CHECK(path[0].bias == 0);
  CHECK(path[0].margin == 0.5F);
  CHECK(path[0].effects == std::vector<FeatureEffect>{{1, 0.5F}});
  CHECK(path[1].node == 3);
  CHECK(path[1].bias == 1);
  CHECK(path[1].margin == 0.75F);
  CHECK(path[1].score == 0.75F);
  CHECK(path[1].effects == std::vector<FeatureEffect>{{1, -0.5F}, {0, 0.25F}});
}

TEST_CASE("bias and effects sum up to the margins, and paths end in the scores of the beam search") {
  const test::TemporaryDirectory folder;
  const std::string name = GENERATE("l3-hinge", "log-l2-hinge", "sigmoid", "noop");
  const TieRule ties = GENERATE(TieRule::margin, TieRule::position);
  const PostProcessor post_processor(name);
  Random random(21);
  for (int round = 0; round < 20; ++round) {
    CAPTURE(name, static_cast<int>(ties), round);
    const test::PlainModel plain = test::random_model(random, 12);
    plain.write(folder / "model.npz");
    const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
    BeamSearch search(model, {.k = 5, .beam = 3, .post_processor = post_processor, .ties = ties});
    Explainer explain(model, post_processor);
    const CsrMatrix queries = test::random_queries(random, 12, 5);
    for (Row row = 0; row < queries.rows(); ++row) {
      const SparseRow query = queries.view().row(row), answers = search({query});
      for (std::size_t i = 0; i < answers.size(); ++i) {
        const std::vector<PathStep> path = explain(query, answers.indices[i]);
        REQUIRE(path.size() == plain.tree.depth());
        CHECK(plain.tree.labels()[path.back().node] == answers.indices[i]);
        CHECK(path.back().score == answers.values[i]);
        for (std::size_t level = 0; level < path.size(); ++level) {
          const PathStep& step = path[level];
          CHECK(step.margin == plain.margin(level, step.node, query));
          float sum = step.bias;
          for (const FeatureEffect& of : step.effects)
            sum += of.effect;
          CHECK(sum == Approx(step.margin).margin(1e-5));
          for (std::size_t n = 1; n < step.effects.size(); ++n)
            CHECK(std::abs(step.effects[n].effect) <= std::abs(step.effects[n - 1].effect));
        }
      }
    }
  }
}
