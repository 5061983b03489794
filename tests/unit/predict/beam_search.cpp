#include "xmr/predict/beam_search.hpp"

#include <cmath>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

#include "support/catch.hpp"
#include "support/plain_model.hpp"
#include "support/ranked.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using test::ranked;
using test::Ranked;

namespace {

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
    const Ranked answers = ranked(search({{indices, values}}));
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
    CHECK(ranked(search({{indices, values}})) == Ranked{{0, 0}, {2, -0.25F}, {1, -0.5F}, {3, -1.25F}});
  }
  SECTION("noop gives the last margin; equal ones go by the margins of the path") {
    BeamSearch search(model, {.k = 4, .beam = 2, .post_processor = PostProcessor("noop")});
    CHECK(ranked(search({{indices, values}})) == Ranked{{0, 1.25F}, {2, 0.5F}, {1, 0.5F}, {3, 0}});
  }
  SECTION("a beam of one node never sees the other cluster") {
    BeamSearch search(model, {.k = 4, .beam = 1, .post_processor = PostProcessor("noop")});
    CHECK(ranked(search({{indices, values}})) == Ranked{{0, 1.25F}, {2, 0.5F}});
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
  CHECK(ranked(search({{indices, values}})) == Ranked{{0, 1}, {1, 1}});  // exp(-1e-9) is 1
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
    const auto k = static_cast<std::uint32_t>(1 + random.below(std::uint64_t{2} * plain.tree.label_count()));
    BeamSearch search(model, {.k = k, .beam = 2000, .post_processor = post_processor, .ties = ties});
    const CsrMatrix queries = test::random_queries(random, 12, 5);
    for (Row row = 0; row < queries.rows(); ++row) {
      const SparseRow query = queries.view().row(row);
      CHECK(ranked(search({query})) == exhaustive_walk(plain, query, post_processor, ties, k));
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
      CHECK(ranked(search({query})) == exhaustive_walk(plain, query, post_processor, ties, 5, beam));
    }
  }
}

TEST_CASE("visits by score find what a search level by level finds, also in groups") {
  const test::TemporaryDirectory folder;
  const std::string name = GENERATE(from_range(kPostProcessors));
  const TieRule ties = GENERATE(TieRule::margin, TieRule::position);
  const PostProcessor post_processor(name);
  Random random(15, hash64(name));
  for (int round = 0; round < 25; ++round) {
    CAPTURE(name, static_cast<int>(ties), round);
    const test::PlainModel plain = test::random_model(random, 12);
    const XrLinearModel model = opened(plain, folder);
    const auto k = static_cast<std::uint32_t>(1 + random.below(12));
    const auto beam = static_cast<std::uint32_t>(1 + random.below(10));
    BeamSearch search(model, {.k = k, .beam = beam, .post_processor = post_processor, .ties = ties});
    const CsrMatrix features = test::random_queries(random, 12, 40);
    std::vector<Query> queries;
    for (Row row = 0; row < features.rows(); ++row)
      queries.push_back({features.view().row(row)});
    const CsrView answers = search.rank(queries);
    for (Row row = 0; row < features.rows(); ++row)
      CHECK(ranked(answers.row(row)) == exhaustive_walk(plain, queries[row].features, post_processor, ties, k, beam));
  }
}

TEST_CASE("parents that cannot lead to an answer are not visited") {
  const test::TemporaryDirectory folder;
  // Three clusters of two labels. Label 0 has the score 1.
  const test::PlainModel plain{
      .tree = LabelTree({{0, 3}, {0, 2, 4, 6}}, {0, 1, 2, 3, 4, 5}),
      .features = 1,
      .weights = {{{1, 0}, {0, 0}, {-1, 0}}, {{1, 0}, {0.5F, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}}}};
  const XrLinearModel model = opened(plain, folder);
  SearchCounts counts;
  const std::vector<FeatureId> indices{0};
  const std::vector<float> values{1};
  SECTION("the first cluster has the best answer") {
    BeamSearch search(model, {.k = 1, .beam = 3, .post_processor = PostProcessor("l3-hinge"), .counts = &counts});
    CHECK(ranked(search({{indices, values}})) == Ranked{{0, 1}});
    CHECK(counts.parents == 2);
    CHECK(counts.nodes == 5);
  }
  SECTION("a third answer needs the second cluster") {
    BeamSearch search(model, {.k = 3, .beam = 3, .post_processor = PostProcessor("l3-hinge"), .counts = &counts});
    CHECK(search({{indices, values}}).size() == 3);
    CHECK(counts.parents == 3);
  }
  SECTION("noop has no bound") {
    BeamSearch search(model, {.k = 1, .beam = 3, .post_processor = PostProcessor("noop"), .counts = &counts});
    CHECK(ranked(search({{indices, values}})) == Ranked{{0, 1}});
    CHECK(counts.parents == 4);
  }
}

TEST_CASE("a search for some of the labels answers with those, ranked as if there were no others") {
  const test::TemporaryDirectory folder;
  const TieRule ties = GENERATE(TieRule::margin, TieRule::position);
  const std::uint32_t beam = GENERATE(1U, 3U, 2000U);
  const PostProcessor post_processor("l3-hinge");
  Random random(14);
  for (int round = 0; round < 50; ++round) {
    CAPTURE(static_cast<int>(ties), beam, round);
    const test::PlainModel plain = test::random_model(random, 12);
    const XrLinearModel model = opened(plain, folder);
    const LabelRanges ranges(model.tree());
    BeamSearch search(model, {.k = 5, .beam = beam, .post_processor = post_processor, .ties = ties}, &ranges);
    const CsrMatrix features = test::random_queries(random, 12, 6);
    std::vector<Query> queries;
    for (Row row = 0; row < features.rows(); ++row) {
      Query query{features.view().row(row)};
      const auto first = static_cast<LabelId>(random.below(plain.tree.label_count()));
      const auto last = static_cast<LabelId>(random.below(std::uint64_t{plain.tree.label_count()} + 1));
      if (row > 0) query.allowed = LabelRange{first, last};  // one is free, some allow nothing
      queries.push_back(query);
    }
    const CsrView answers = search.rank(queries);
    for (Row row = 0; row < features.rows(); ++row) {
      std::optional<LabelRange> allowed = queries[row].allowed;
      if (allowed && allowed->empty()) allowed->last = allowed->first;
      CHECK(ranked(answers.row(row)) ==
            exhaustive_walk(plain, queries[row].features, post_processor, ties, 5, beam, allowed));
    }
  }
}

TEST_CASE("few labels allowed are all scored, however narrow the beam") {
  const test::TemporaryDirectory folder;
  const XrLinearModel model = opened(small_model(), folder);
  const LabelRanges ranges(model.tree());
  BeamSearch search(model, {.k = 4, .beam = 1, .post_processor = PostProcessor("noop")}, &ranges);
  Query query;
  query.allowed = LabelRange{1, 4};
  CHECK(ranked(search(query)) == Ranked{{1, 1}, {2, 0}, {3, -1}});
}

TEST_CASE("a damaged chunk is refused when a search visits it, and not before") {
  const test::TemporaryDirectory folder;
  // The chunks are too large to be checked when the file is opened.
  constexpr std::uint32_t kFeatures = 4000, kLeaf = 50, kLabels = 2 * kLeaf;
  std::vector<LabelId> labels(kLabels);
  std::iota(labels.begin(), labels.end(), 0);
  test::PlainModel plain{
      .tree = LabelTree({{0, 2}, {0, kLeaf, kLabels}}, labels), .features = kFeatures, .weights = {}};
  plain.weights.emplace_back(2, std::vector<float>(kFeatures + 1));
  plain.weights.emplace_back(kLabels, std::vector<float>(kFeatures + 1, 0.5F));
  plain.weights[0][0][0] = 1;
  plain.weights[0][1][1] = 1;
  constexpr float kMarked = 12345;
  plain.weights[1][kLeaf][7] = kMarked;
  plain.write(folder / "model.npz");
  std::string bytes = test::read_file(folder / "model.npz");
  const std::size_t at = bytes.find(std::string_view(reinterpret_cast<const char*>(&kMarked), sizeof kMarked));
  REQUIRE(at != std::string::npos);
  bytes[at] ^= 1;
  test::write_file(folder / "model.npz", bytes);

  const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
  BeamSearch search(model, {.k = 5, .beam = 1, .post_processor = PostProcessor("l3-hinge")});
  const std::vector<float> values{1};
  const std::vector<FeatureId> first{0}, second{1};
  CHECK(search({{first, values}}).size() == 5);
  CHECK_THROWS_WITH(search({{second, values}}), model.name() + ": level 1, parent 1: damaged chunk (checksum)");
  CHECK(search({{first, values}}).size() == 5);
}

TEST_CASE("a model whose maker asked for what there is not is refused") {
  const test::TemporaryDirectory folder;
  small_model().write(folder / "model.npz", {.post_processor = "softmax"});
  CHECK_THROWS_AS(default_search(XrLinearModel::open(folder / "model.npz")), FormatError);
  small_model().write(folder / "model.npz", {.beam = 0});
  CHECK_THROWS_AS(default_search(XrLinearModel::open(folder / "model.npz")), FormatError);
}

TEST_CASE("a search without answers or without a beam is refused") {
  const test::TemporaryDirectory folder;
  const XrLinearModel model = opened(small_model(), folder);
  CHECK_THROWS_AS(BeamSearch(model, {.k = 0, .beam = 1, .post_processor = PostProcessor("noop")}), ConfigError);
  CHECK_THROWS_AS(BeamSearch(model, {.k = 1, .beam = 0, .post_processor = PostProcessor("noop")}), ConfigError);
}
