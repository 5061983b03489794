#include "xmr/train/matcher.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "xmr/train/trainer.hpp"
#include "xmr/util/error.hpp"

#include "problems.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

// 60 labels below 12 nodes below 4.
LabelTree tree_to_match() {
  std::vector<LabelId> labels(60);
  for (LabelId i = 0; i < 60; ++i)
    labels[i] = i * 7 % 60;
  return LabelTree({{0, 4}, {0, 3, 6, 9, 12}, {0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60}}, labels);
}

struct MatchSample {
  CsrMatrix x = random_rows(2500, 80, 8, 1);
  CsrMatrix y = random_labels(x, 60, 2);
  LabelTree tree = tree_to_match();
  TrainOptions options;

  MatchSample() { options.matcher.beam = 2; }

  TrainedLevels train(unsigned threads = 2) const {
    Parallel parallel(threads);
    return train_xr_linear(x, y, tree, options, parallel);
  }
};

std::vector<std::uint32_t> rows_of(const LevelRows& level, NodeId node) {
  return {level.rows(node).begin(), level.rows(node).end()};
}

}  // namespace

TEST_CASE("a row reaches the nodes that the beam of the whole model keeps of a level", "[threads]") {
  const TemporaryDirectory folder;
  const MatchSample sample;
  const TrainedLevels trained = sample.train();
  // A model whose labels are the nodes of the second level: its answers are the beam there.
  std::vector<LabelId> nodes(12);
  for (LabelId i = 0; i < 12; ++i)
    nodes[i] = i;
  const LabelTree upper({{0, 4}, {0, 3, 6, 9, 12}}, nodes);
  write_model(NpzWriter(folder / "upper.npz"), {.tree = upper,
                                                .features = sample.x.cols(),
                                                .weight_type = WeightType::i1,
                                                .levels = std::span<const LevelChunks>(trained.chunks).first(2),
                                                .defaults = {},
                                                .options = {}});
  const XrLinearModel model = XrLinearModel::open(folder / "upper.npz");
  SearchOptions options = sample.options.matcher;
  options.k = options.beam;
  BeamSearch search(model, options);
  std::vector<std::vector<std::uint32_t>> expected(12);
  for (std::uint32_t row = 0; row < sample.x.rows(); ++row)
    for (const LabelId node : search({sample.x.view().row(row)}).indices)
      expected[node].push_back(row);

  const unsigned threads = GENERATE(1U, 7U);
  Parallel parallel(threads);
  const LevelRows matched = match_rows(sample.x, sample.tree, std::span<const LevelChunks>(trained.chunks).first(2),
                                       sample.options.matcher, parallel);
  for (NodeId node = 0; node < 12; ++node)
    CHECK(rows_of(matched, node) == expected[node]);
}

TEST_CASE("matcher-aware negatives change the levels that have them and those below alone", "[threads]") {
  MatchSample sample;
  const TrainedLevels plain = sample.train();
  SECTION("one choice is for all levels below the first") {
    sample.options.levels.front().negatives.matcher = true;
    const TrainedLevels matched = sample.train();
    CHECK(matched.chunks[0] == plain.chunks[0]);
    CHECK(matched.chunks[1] != plain.chunks[1]);
    CHECK(matched.chunks[2] != plain.chunks[2]);
    CHECK(sample.train(7).chunks == matched.chunks);
  }
  SECTION("a choice for each level") {
    const LevelOptions tfn, both{.solver = {}, .keep = {}, .negatives = {.matcher = true}};
    sample.options.levels = {tfn, tfn, both};
    const TrainedLevels matched = sample.train();
    CHECK(matched.chunks[0] == plain.chunks[0]);
    CHECK(matched.chunks[1] == plain.chunks[1]);
    CHECK(matched.chunks[2] != plain.chunks[2]);
    sample.options.levels = {tfn, both, tfn};
    const TrainedLevels upper = sample.train();
    CHECK(upper.chunks[1] != plain.chunks[1]);
    CHECK(upper.chunks[2] == plain.chunks[2]);
  }
  SECTION("a beam as wide as the levels makes every row a row of every node") {
    sample.options.levels.front().negatives.matcher = true;
    sample.options.matcher.beam = 12;
    Parallel parallel;
    const LevelRows all = match_rows(sample.x, sample.tree, std::span<const LevelChunks>(plain.chunks).first(2),
                                     sample.options.matcher, parallel);
    CHECK(all.rows(5).size() == sample.x.rows());
  }
}

TEST_CASE("options of another number of levels are refused") {
  MatchSample sample;
  sample.options.levels.resize(2);
  CHECK_THROWS_WITH(sample.train(), "options of 2 levels, the tree has 3");
}
