#include "xmr/train/level_rows.hpp"

#include <set>

#include "problems.hpp"
#include "support/catch.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

// Labels in one of 997 rows only.
CsrMatrix sparse_labels(std::uint32_t rows) {
  CsrMatrix y(7);
  for (std::uint32_t row = 0; row < rows; ++row) {
    if (row % 997 == 0) {
      const std::set<std::uint32_t> labels{row % 7, row % 5};
      for (const std::uint32_t label : labels)
        y.push(label, 1);
    }
    y.end_row();
  }
  return y;
}

}  // namespace

TEST_CASE("a row is positive for the nodes above its labels", "[threads]") {
  // Labels 0..6 in the order 3 1 4 0 6 5 2 under nodes {3 1}, {}, {4 0 6}, {5 2}, these under {3 1 ...}, {5 2}.
  const LabelTree tree({{0, 2}, {0, 3, 4}, {0, 2, 2, 5, 7}}, {3, 1, 4, 0, 6, 5, 2});
  const bool few = GENERATE(false, true);  // rows of a node, of all
  const CsrMatrix y = few ? sparse_labels(100'000) : random_labels(random_rows(300, 50, 6, 1), 7, 2);
  const unsigned threads = GENERATE(1U, 3U);
  Parallel parallel(threads);
  const auto levels = LevelRows::push_up(y, tree, parallel);
  REQUIRE(levels.size() == 3);

  std::vector<std::vector<std::set<std::uint32_t>>> expected(3);
  for (std::size_t level = 0; level < 3; ++level)
    expected[level].resize(tree.nodes(level));
  for (std::uint32_t row = 0; row < y.rows(); ++row)
    for (NodeId leaf = 0; leaf < 7; ++leaf)
      for (const LabelId label : y.view().row(row).indices)
        if (label == tree.labels()[leaf]) {
          const NodeId middle = leaf < 2 ? 0 : leaf < 5 ? 2 : 3;
          expected[2][leaf].insert(row);
          expected[1][middle].insert(row);
          expected[0][middle < 3 ? 0 : 1].insert(row);
        }
  for (std::size_t level = 0; level < 3; ++level)
    for (NodeId node = 0; node < tree.nodes(level); ++node) {
      const auto rows = levels[level].rows(node);
      CHECK(std::equal(rows.begin(), rows.end(), expected[level][node].begin(), expected[level][node].end()));
    }
  CHECK(levels[1].rows(1).empty());
}

TEST_CASE("rows of pieces are numbered on, and united without repetition") {
  const LabelTree tree({{0, 3}}, {0, 1, 2});
  CsrMatrix first(3), second(3);
  first.push(2, 1);
  first.push(0, 1);
  first.end_row();
  second.end_row();
  second.push(0, 1);
  second.end_row();
  const std::vector<CsrView> pieces{first, second};
  const LevelRows rows = LevelRows::of_labels(pieces, tree);
  const auto of = [](const LevelRows& level, NodeId node) {
    return std::vector<std::uint32_t>(level.rows(node).begin(), level.rows(node).end());
  };
  CHECK(of(rows, 0) == std::vector<std::uint32_t>{0, 2});
  CHECK(of(rows, 1).empty());
  CHECK(of(rows, 2) == std::vector<std::uint32_t>{0});
  const LevelRows both = LevelRows::united(rows, LevelRows::of_labels({&pieces[1], 1}, tree));
  CHECK(of(both, 0) == std::vector<std::uint32_t>{0, 1, 2});
  CHECK(of(both, 2) == std::vector<std::uint32_t>{0});
}

TEST_CASE("relevance is summed up from level to level, and normalised in each") {
  // Labels 0 1 | 2 under two nodes.
  const LabelTree tree({{0, 2}, {0, 2, 3}}, {0, 1, 2});
  CsrMatrix y(3);
  y.push(0, 3);
  y.push(1, 4);
  y.push(2, 12);
  y.end_row();
  y.end_row();
  y.push(1, 5);
  y.end_row();
  Parallel parallel;
  const auto of = [](const LevelRows& level, NodeId node) {
    return std::vector<float>(level.relevance(node).begin(), level.relevance(node).end());
  };
  const auto levels = [&](Relevance which, Norm norm) {
    return LevelRows::push_up(y, tree, parallel, {.levels = which, .norm = norm});
  };
  SECTION("as it is") {
    const auto rows = levels(Relevance::induce, Norm::none);
    CHECK(of(rows[1], 0) == std::vector<float>{3});
    CHECK(of(rows[1], 1) == std::vector<float>{4, 5});
    CHECK(of(rows[0], 0) == std::vector<float>{7, 5});
    CHECK(of(rows[0], 1) == std::vector<float>{12});
  }
  SECTION("divided by its largest value, in each level") {
    const auto rows = levels(Relevance::induce, Norm::max);
    CHECK(of(rows[1], 0) == std::vector<float>{0.25F});
    CHECK(of(rows[1], 1) == std::vector<float>{4.0F / 12, 1});
    CHECK(of(rows[0], 0) == std::vector<float>{0.25F + 4.0F / 12, 1});
    CHECK(of(rows[0], 1) == std::vector<float>{1});
  }
  SECTION("divided by its l2 norm") {
    CHECK(of(levels(Relevance::last, Norm::l2)[1], 0) == std::vector<float>{3.0F / 13});
  }
  SECTION("divided by its sum") {
    CHECK(of(levels(Relevance::last, Norm::l1)[1], 0) == std::vector<float>{3.0F / 19});
  }
  SECTION("however large or small its values are") {
    const float unit = GENERATE(1e20F, 1e-25F);
    for (float& value : y.mutable_values())
      value *= unit;
    CHECK(of(levels(Relevance::last, Norm::l2)[1], 0).front() == Approx(3.0F / 13));
    CHECK(of(levels(Relevance::induce, Norm::l1)[0], 1).front() == Approx(12.0F / 19));
  }
  SECTION("sums that overflow are refused") {
    for (float& value : y.mutable_values())
      value = 3e38F;
    CHECK_NOTHROW(levels(Relevance::last, Norm::none));
    CHECK_THROWS_WITH(levels(Relevance::induce, Norm::none), "labels: row 0: the sum of their relevance overflows");
  }
  SECTION("at the last level alone, or nowhere") {
    CHECK(of(levels(Relevance::last, Norm::none)[0], 0).empty());
    CHECK(of(levels(Relevance::none, Norm::none)[1], 0).empty());
    CHECK(levels(Relevance::last, Norm::none)[0].rows(0).size() == 2);
  }
}
