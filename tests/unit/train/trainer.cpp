#include "xmr/train/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "xmr/model/chunk_join.hpp"
#include "xmr/model/chunk_rows.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"

#include "problems.hpp"
#include "support/catch.hpp"
#include "support/one_label_solver.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

// 40 labels below 7 nodes below 2, with a node that has one child and one that has none.
LabelTree sample_tree() {
  std::vector<LabelId> labels(40);
  for (LabelId i = 0; i < 40; ++i)
    labels[i] = i * 7 % 40;
  return LabelTree({{0, 2}, {0, 3, 7}, {0, 20, 21, 21, 25, 30, 38, 40}}, labels);
}

struct TrainSample {
  CsrMatrix x = random_rows(600, 150, 10, 1);
  CsrMatrix y = random_labels(x, 40, 2);
  LabelTree tree = sample_tree();

  TrainedLevels train(const TrainOptions& options, unsigned threads = 1) const {
    Parallel parallel(threads);
    return train_xr_linear(x, y, tree, options, parallel);
  }

  // Labels below a node.
  std::set<LabelId> below(std::size_t level, NodeId node) const {
    if (level + 1 == tree.depth()) return {tree.labels()[node]};
    std::set<LabelId> labels;
    for (const NodeId child : tree.children(level + 1, node))
      labels.merge(below(level + 1, child));
    return labels;
  }
  bool has_any(Row row, const std::set<LabelId>& labels) const {
    for (const LabelId label : y.view().row(row).indices)
      if (labels.contains(label)) return true;
    return false;
  }
};

TrainOptions keep_all() {
  TrainOptions options;
  options.levels.front().solver.eps = 1e-3F;
  options.levels.front().solver.max_iterations = 5000;
  options.levels.front().keep.threshold = options.levels.front().keep.threshold_negative = 0;
  options.levels.front().keep.type = WeightType::f4;
  return options;
}

// Compares each ranker with the exact solution on the rows that it shall be learnt on: has(level, parent, node, row).
template <class Has>
void check_rankers(const TrainSample& sample, const TrainedLevels& trained, const Has& has) {
  for (std::size_t level = 0; level < sample.tree.depth(); ++level)
    for (NodeId parent = 0; parent < sample.tree.parents(level); ++parent) {
      const auto children = sample.tree.children(level, parent);
      const ChunkView chunk = ChunkView::open(trained.chunks[level][parent], children.size(), sample.x.cols(), "chunk");
      const ChunkRows weights = read_rows(chunk, "chunk");
      for (const NodeId node : children) {
        INFO("level " << level << " node " << node);
        const std::uint32_t child = node - children.front();
        std::vector<Row> rows;
        for (Row row = 0; row < sample.x.rows(); ++row)
          if (level == 0 || has(level, parent, node, row)) rows.push_back(row);
        const CsrMatrix x = select_rows(sample.x, rows);
        BinaryProblem problem{x.view(), {}};
        bool any = false;
        for (const Row row : rows) {
          const bool positive = sample.has_any(row, sample.below(level, node));
          problem.costs.push_back(positive ? 1 : -1);
          any = any || positive;
        }
        BinarySolution ours{std::vector<double>(x.cols()), chunk.bias()[child], 0};
        for (std::size_t n = 0; n < weights.features.size(); ++n)
          for (const ChildWeight& weight : weights.row(n))
            if (weight.child == child) ours.weights[weights.features[n]] = weight.value;
        if (!any) {
          CHECK(ours.weights == std::vector<double>(x.cols()));
          CHECK(chunk.bias()[child] == kBiasWithoutRows);
          continue;
        }
        const BinarySolution exact = solve_one_label(problem, 1e-6, 20000);
        CHECK(objective(problem, ours) == Approx(objective(problem, exact)).epsilon(1e-3));
        for (std::size_t f = 0; f < x.cols(); ++f)
          REQUIRE(ours.weights[f] == Approx(exact.weights[f]).margin(0.01));
        CHECK(ours.bias_weight == Approx(exact.bias_weight).margin(0.01));
      }
    }
}

}  // namespace

TEST_CASE("each ranker is learnt on the rows below its parent, at the first level on all rows") {
  const TrainSample sample;
  check_rankers(sample, sample.train(keep_all()), [&](std::size_t level, NodeId parent, NodeId, Row row) {
    return sample.has_any(row, sample.below(level - 1, parent));
  });
}

TEST_CASE("given negatives are those of their labels, or of all children of their nodes, and the nodes above") {
  const TrainSample sample;
  TrainOptions options = keep_all();
  const auto negatives = [&](bool teacher_forcing) {
    options.levels.front().negatives = {.teacher_forcing = teacher_forcing, .given = true};
  };
  const CsrMatrix of_labels = random_labels(sample.x, 40, 5), of_nodes = random_labels(sample.x, 7, 6);
  const auto is_given = [](const CsrMatrix& given, Row row, const std::set<LabelId>& columns) {
    const auto has = [&](LabelId column) { return columns.contains(column); };
    return std::ranges::any_of(given.view().row(row).indices, has);
  };
  // Nodes of the level above the labels, below a node.
  const auto clusters = [&](std::size_t level, NodeId node) {
    if (level == 1) return std::set<LabelId>{node};
    std::set<LabelId> children;
    for (const NodeId child : sample.tree.children(1, node))
      children.insert(child);
    return children;
  };
  SECTION("pairs of row and label alone: a ranker has its own pairs and its positives") {
    negatives(false);
    options.given = of_labels;
    check_rankers(sample, sample.train(options, 2), [&](std::size_t level, NodeId, NodeId node, Row row) {
      const std::set<LabelId> below = sample.below(level, node);
      return sample.has_any(row, below) || is_given(of_labels, row, below);
    });
  }
  SECTION("beside those of teacher forcing") {
    negatives(true);
    options.given = of_labels;
    check_rankers(sample, sample.train(options), [&](std::size_t level, NodeId parent, NodeId node, Row row) {
      return sample.has_any(row, sample.below(level - 1, parent)) ||
             is_given(of_labels, row, sample.below(level, node));
    });
  }
  SECTION("pairs of row and node alone") {
    negatives(false);
    options.given = of_nodes;
    check_rankers(sample, sample.train(options), [&](std::size_t level, NodeId parent, NodeId node, Row row) {
      return sample.has_any(row, sample.below(level, node)) ||
             (level == 1 ? is_given(of_nodes, row, clusters(1, node)) : is_given(of_nodes, row, clusters(1, parent)));
    });
  }
  SECTION("they must fit") {
    negatives(true);
    CHECK_THROWS_WITH(sample.train(options), "negatives: there are none given");
    const CsrMatrix wide = random_labels(sample.x, 41, 5);
    options.given = wide;
    CHECK_THROWS_WITH(sample.train(options),
                      "negatives have 41 columns, the tree has 40 labels and 7 nodes above them");
  }
}

TEST_CASE("each level may have its own costs and threshold") {
  const TrainSample sample;
  const TrainedLevels plain = sample.train({});
  TrainOptions options;
  options.levels.resize(3);
  options.levels[1].solver.cost_positive = 4;
  options.levels[2].keep.threshold = options.levels[2].keep.threshold_negative = 0.3F;
  const TrainedLevels trained = sample.train(options, 2);
  TrainOptions dear, sparse;
  dear.levels.front().solver.cost_positive = 4;
  sparse.levels.front().keep.threshold = sparse.levels.front().keep.threshold_negative = 0.3F;
  CHECK(trained.chunks[0] == plain.chunks[0]);
  CHECK(trained.chunks[1] == sample.train(dear).chunks[1]);
  CHECK(trained.chunks[2] == sample.train(sparse).chunks[2]);
}

TEST_CASE("relevance is a factor of the cost of positives, at all levels or the last") {
  TrainSample sample;
  for (float& value : sample.y.mutable_values())
    value = 3;
  TrainOptions options;
  const TrainedLevels plain = sample.train(options);
  TrainOptions dear = options;
  dear.levels.front().solver.cost_positive = 3;
  const TrainedLevels expected = sample.train(dear);
  SECTION("the last") {
    options.relevance.levels = Relevance::last;
    const TrainedLevels trained = sample.train(options, 2);
    CHECK(trained.chunks[0] == plain.chunks[0]);
    CHECK(trained.chunks[1] == plain.chunks[1]);
    CHECK(trained.chunks[2] == expected.chunks[2]);
  }
  SECTION("divided by the largest of a row, equal ones are no factor") {
    options.relevance = {Relevance::induce, Norm::max};
    for (float& value : sample.y.mutable_values())
      value = 0.25F;
    CHECK(sample.train(options).chunks[2] == plain.chunks[2]);
  }
  SECTION("it must be above 0") {
    options.relevance.levels = Relevance::induce;
    sample.y.mutable_values()[7] = -1;
    CHECK_THROWS_AS(sample.train(options), DataError);
  }
}

TEST_CASE("the model does not depend on the number of threads", "[threads]") {
  const TrainSample sample;
  const TrainedLevels one = sample.train({}, 1);
  for (const unsigned threads : {2U, 7U}) {
    const TrainedLevels many = sample.train({}, threads);
    CHECK(many.chunks == one.chunks);
    CHECK(many.counts.weights == one.counts.weights);
    CHECK(many.counts.solver.visits == one.counts.solver.visits);
  }
}

TEST_CASE("entries of X are not read after drop_x") {
  TrainSample sample;
  const TrainedLevels expected = sample.train({});
  int calls = 0;
  TrainOptions options;
  options.drop_x = [&] {
    ++calls;
    std::ranges::fill(sample.x.mutable_values(), 1e30F);
  };
  CHECK(sample.train(options).chunks == expected.chunks);
  CHECK(calls == 1);
}

TEST_CASE("another seed gives another order of rows and nearly the same weights") {
  const TrainSample sample;
  TrainOptions options = keep_all();
  const TrainedLevels one = sample.train(options);
  options.seed = 1;
  const TrainedLevels other = sample.train(options);
  CHECK(one.chunks != other.chunks);
  CHECK(static_cast<double>(other.counts.weights) == Approx(static_cast<double>(one.counts.weights)).epsilon(0.05));
}

TEST_CASE("training counts kept weights and labels without rows") {
  const TrainSample sample;
  const TrainedLevels trained = sample.train({});
  std::uint64_t weights = 0, labels_without_rows = 0;
  for (std::size_t level = 0; level < sample.tree.depth(); ++level)
    for (const std::string& chunk : trained.chunks[level])
      weights += ChunkView::trusted(chunk).weights();
  std::set<LabelId> seen(sample.y.view().indices.begin(), sample.y.view().indices.end());
  labels_without_rows = 40 - seen.size();
  CHECK(trained.counts.weights == weights);
  CHECK(trained.counts.labels_without_rows == labels_without_rows);
  CHECK(labels_without_rows >= 1);
}

TEST_CASE("one label below the root, and rows without it, can be learnt") {
  CsrMatrix x(2), y(1);
  for (int row = 0; row < 20; ++row) {
    x.push(row % 2 == 0 ? 0 : 1, 1);
    x.end_row();
    if (row % 2 == 0) y.push(0, 1);
    y.end_row();
  }
  const LabelTree tree({{0, 1}}, {0});
  Parallel parallel;
  const TrainedLevels trained = train_xr_linear(x, y, tree, {}, parallel);
  const ChunkView chunk = ChunkView::open(trained.chunks[0][0], 1, 2, "chunk");
  const ChunkRows rows = read_rows(chunk, "chunk");
  REQUIRE(rows.features.size() == 2);
  CHECK(rows.weights[0].value + chunk.bias()[0] > 0.5F);
  CHECK(rows.weights[1].value + chunk.bias()[0] < -0.5F);
}

TEST_CASE("matrices that do not fit each other or the tree are refused") {
  const TrainSample sample;
  Parallel parallel;
  CHECK_THROWS_WITH(train_xr_linear(random_rows(599, 150, 5, 1), sample.y, sample.tree, {}, parallel),
                    "features have 599 rows, labels 600: they must be those of the same instances");
  CHECK_THROWS_WITH(train_xr_linear(sample.x, random_labels(sample.x, 39, 2), sample.tree, {}, parallel),
                    "the matrix of labels has 39 columns, the tree 40 labels");
  CsrMatrix nothing(40);
  for (Row row = 0; row < 600; ++row)
    nothing.end_row();
  CHECK_THROWS_WITH(train_xr_linear(sample.x, nothing, sample.tree, {}, parallel), "no row has a label");
}

TEST_CASE("a parent of very many children is trained in pieces that are not as many, with the same chunk") {
  // 300 groups of labels below the root.
  constexpr std::uint32_t kLabels = 4800;
  const CsrMatrix x = random_rows(60, 40, 6, 3);
  CsrMatrix y(kLabels);
  for (std::uint32_t row = 0; row < 60; ++row) {
    for (std::uint32_t label = row; label < kLabels; label += 60)
      y.push(label, 1);
    y.end_row();
  }
  std::vector<LabelId> labels(kLabels);
  std::iota(labels.begin(), labels.end(), LabelId{0});
  const LabelTree tree({{0, kLabels}}, labels);
  const TrainOptions options;
  Parallel parallel;
  XrLinearTrainer trainer(x, y, tree, options, parallel);
  const std::vector<Piece> pieces = trainer.pieces({0, 1});
  CHECK(pieces.size() <= 256);
  std::vector<Piece> groups;
  for (const Piece& piece : pieces)
    for (std::uint32_t group = piece.first; group < piece.last; ++group)
      groups.push_back({.level = 0, .parent = 0, .first = group, .last = group + 1, .groups = piece.groups});
  REQUIRE(groups.size() == 300);
  for (std::uint32_t group = 0; group < 300; ++group)
    REQUIRE(groups[group].first == group);
  std::vector<std::string> trained;
  trainer.train(groups, nullptr, [&](TrainedPiece&& piece) { trained.push_back(std::move(piece.chunk)); });
  std::vector<ChunkView> chunks;
  for (const std::string& chunk : trained)
    chunks.push_back(ChunkView::trusted(chunk));
  CHECK(train_xr_linear(x, y, tree, options, parallel).chunks[0][0] == join_chunks(chunks, 40, "chunk"));
}

TEST_CASE("training stops when its observer is cancelled", "[threads]") {
  struct Cancelled : Observer {
    bool cancelled() const override { return true; }
  } observer;
  const TrainSample sample;
  Parallel parallel(2, observer);
  CHECK_THROWS_AS(train_xr_linear(sample.x, sample.y, sample.tree, {}, parallel), Interrupted);
}
