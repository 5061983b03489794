#include "xmr/predict/beam_search.hpp"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

#include "support/catch.hpp"
#include "support/plain_model.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

namespace {

using Ranked = std::vector<std::pair<LabelId, float>>;

Ranked ranked(SparseRow answers) {
  Ranked pairs;
  for (std::size_t i = 0; i < answers.size(); ++i)
    pairs.emplace_back(answers.indices[i], answers.values[i]);
  return pairs;
}

XrLinearModel opened(const test::PlainModel& plain, const test::TemporaryDirectory& folder) {
  plain.write(folder / "model.npz");
  return XrLinearModel::open(folder / "model.npz");
}

// Two clusters of two labels, two features; labels 2, 0 | 3, 1. The last weight of a node is its bias.
test::PlainModel small_model() {
  return {.tree = LabelTree({{0, 2}, {0, 2, 4}}, {2, 0, 3, 1}),
          .features = 2,
          .weights = {{{1, 0, 0}, {0, 1, 0}}, {{0.5F, 0, 0}, {1, 0, 0.25F}, {0, 2, -1}, {0, -1, 1}}}};
}

const std::vector<std::string> kPostProcessors{"l1-hinge",     "l2-hinge",     "l3-hinge",     "l4-hinge",
                                               "log-l1-hinge", "log-l2-hinge", "log-l3-hinge", "log-l4-hinge",
                                               "sigmoid",      "log-sigmoid",  "noop"};

}  // namespace

TEST_CASE("a small search gives the scores computed by hand") {
  const test::TemporaryDirectory folder;
  const XrLinearModel model = opened(small_model(), folder);
  const std::vector<FeatureId> indices{0, 1};
  const std::vector<float> values{1, 0.5F};
  // Margins: clusters 1, 0.5; labels 2: 0.5, 0: 1.25, 3: 0, 1: 0.5.
  SECTION("l1-hinge multiplies exp(-max(0, 1-v))") {
    BeamSearch search(model, {.k = 4, .beam = 2, .post_processor = PostProcessor("l1-hinge")});
    const Ranked answers = ranked(search({indices, values}));
    REQUIRE(answers.size() == 4);
    CHECK(answers[0] == std::pair<LabelId, float>{0, 1.0F});  // exp(0) exp(0)
    CHECK(answers[1].first == 2);                             // exp(0) exp(-0.5)
    CHECK(answers[1].second == Approx(0.60653066));
    CHECK(answers[2].first == 1);  // exp(-0.5) exp(-0.5)
    CHECK(answers[2].second == Approx(0.36787944));
    CHECK(answers[3].first == 3);  // exp(-0.5) exp(-1)
    CHECK(answers[3].second == Approx(0.22313016));
  }
  SECTION("log-l2-hinge adds -max(0, 1-v)^2") {
    BeamSearch search(model, {.k = 4, .beam = 2, .post_processor = PostProcessor("log-l2-hinge")});
    CHECK(ranked(search({indices, values})) == Ranked{{0, 0}, {2, -0.25F}, {1, -0.5F}, {3, -1.25F}});
  }
  SECTION("noop gives the last margin; equal ones go by the margins of the path") {
    BeamSearch search(model, {.k = 4, .beam = 2, .post_processor = PostProcessor("noop")});
    CHECK(ranked(search({indices, values})) == Ranked{{0, 1.25F}, {2, 0.5F}, {1, 0.5F}, {3, 0}});
  }
  SECTION("a beam of one node never sees the other cluster") {
    BeamSearch search(model, {.k = 4, .beam = 1, .post_processor = PostProcessor("noop")});
    CHECK(ranked(search({indices, values})) == Ranked{{0, 1.25F}, {2, 0.5F}});
  }
  SECTION("a query without features is ranked by the bias") {
    BeamSearch search(model, {.k = 2, .beam = 2, .post_processor = PostProcessor("noop")});
    CHECK(ranked(search({})) == Ranked{{1, 1}, {0, 0.25F}});
  }
}

TEST_CASE("margins above 1 break the ties of a saturated hinge, unless ties go by position") {
  const test::TemporaryDirectory folder;
  const test::PlainModel plain{
      .tree = LabelTree({{0, 3}}, {0, 1, 2}), .features = 1, .weights = {{{1, 0}, {3, 0}, {3, 0}}}};
  const XrLinearModel model = opened(plain, folder);
  const std::vector<FeatureId> indices{0};
  const std::vector<float> values{1};
  BeamSearch by_margin(model, {.k = 3, .beam = 1, .post_processor = PostProcessor("l3-hinge")});
  CHECK(ranked(by_margin({indices, values})) == Ranked{{1, 1}, {2, 1}, {0, 1}});
  BeamSearch by_position(model,
                         {.k = 3, .beam = 1, .post_processor = PostProcessor("l3-hinge"), .ties = TieRule::position});
  CHECK(ranked(by_position({indices, values})) == Ranked{{0, 1}, {1, 1}, {2, 1}});
}

TEST_CASE("position ties go by scores as they are printed") {
  const test::TemporaryDirectory folder;
  const test::PlainModel plain{.tree = LabelTree({{0, 2}}, {0, 1}), .features = 1, .weights = {{{0.999F, 0}, {1, 0}}}};
  const XrLinearModel model = opened(plain, folder);
  const std::vector<FeatureId> indices{0};
  const std::vector<float> values{1};
  BeamSearch search(model, {.k = 2, .beam = 1, .post_processor = PostProcessor("l3-hinge"), .ties = TieRule::position});
  CHECK(ranked(search({indices, values})) == Ranked{{0, 1}, {1, 1}});  // exp(-1e-9) is 1
}

TEST_CASE("a beam that covers the tree finds what an exhaustive walk finds") {
  const test::TemporaryDirectory folder;
  const std::string name = GENERATE(from_range(kPostProcessors));
  const TieRule ties = GENERATE(TieRule::margin, TieRule::position);
  const PostProcessor post_processor(name);
  Random random(11, hash64(name));
  for (int round = 0; round < 25; ++round) {
    CAPTURE(name, static_cast<int>(ties), round);
    const test::PlainModel plain = test::random_model(random, 12);
    const XrLinearModel model = opened(plain, folder);
    const auto k = static_cast<std::uint32_t>(1 + random.below(2 * plain.tree.label_count()));
    BeamSearch search(model, {.k = k, .beam = 2000, .post_processor = post_processor, .ties = ties});
    const CsrMatrix queries = test::random_queries(random, 12, 5);
    for (Row row = 0; row < queries.rows(); ++row) {
      const SparseRow query = queries.view().row(row);
      CHECK(ranked(search(query)) == exhaustive_walk(plain, query, post_processor, ties, k));
    }
  }
}

TEST_CASE("a narrow beam keeps the best nodes of each level") {
  const test::TemporaryDirectory folder;
  const TieRule ties = GENERATE(TieRule::margin, TieRule::position);
  const PostProcessor post_processor("l3-hinge");
  Random random(12);
  for (int round = 0; round < 50; ++round) {
    CAPTURE(static_cast<int>(ties), round);
    const test::PlainModel plain = test::random_model(random, 12);
    const XrLinearModel model = opened(plain, folder);
    const auto beam = static_cast<std::uint32_t>(1 + random.below(8));
    BeamSearch search(model, {.k = 5, .beam = beam, .post_processor = post_processor, .ties = ties});
    const CsrMatrix queries = test::random_queries(random, 12, 5);
    for (Row row = 0; row < queries.rows(); ++row) {
      const SparseRow query = queries.view().row(row);
      CHECK(ranked(search(query)) == exhaustive_walk(plain, query, post_processor, ties, 5, beam));
    }
  }
}

TEST_CASE("a search without answers or without a beam is refused") {
  const test::TemporaryDirectory folder;
  const XrLinearModel model = opened(small_model(), folder);
  CHECK_THROWS_AS(BeamSearch(model, {.k = 0, .beam = 1, .post_processor = PostProcessor("noop")}), ConfigError);
  CHECK_THROWS_AS(BeamSearch(model, {.k = 1, .beam = 0, .post_processor = PostProcessor("noop")}), ConfigError);
}
