#include "xmr/train/parent_rows.hpp"

#include <limits>
#include <map>
#include <numeric>

#include "xmr/util/error.hpp"

#include "problems.hpp"
#include "support/catch.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

// The matrix that a problem stands for, from its entries and places: (row, feature) → value.
using Entries = std::map<std::pair<std::uint32_t, FeatureId>, float>;

Entries entries_of(const ParentRows& rows) {
  const RankerProblem problem = rows.problem();
  std::map<std::uint32_t, FeatureId> feature_of_line;
  Entries entries;
  for (const FeaturePlace& place : rows.places()) {
    if (place.lone_value == 0)
      feature_of_line[place.line_or_row] = place.feature;
    else
      entries[{place.line_or_row, place.feature}] = place.lone_value;
  }
  for (std::uint32_t row = 0; row < problem.rows.size(); ++row)
    for (Offset i = problem.rows[row].begin; i < problem.rows[row].begin + problem.rows[row].size; ++i) {
      const std::uint32_t line = problem.indices[i];
      entries[{row, rows.is_in_place() ? line : feature_of_line.at(line)}] = problem.values[i];
    }
  return entries;
}

Entries expected(CsrView x, const std::vector<std::uint32_t>& ids) {
  Entries entries;
  for (std::uint32_t row = 0; row < ids.size(); ++row)
    for (std::size_t i = 0; i < x.row(ids[row]).size(); ++i)
      entries[{row, x.row(ids[row]).indices[i]}] = x.row(ids[row]).values[i];
  return entries;
}

}  // namespace

TEST_CASE("the rows of a parent are those of X, copied or in place") {
  const CsrMatrix x = random_rows(100, 77, 8, 1);
  ParentRows rows;
  for (const std::vector<std::uint32_t>& ids :
       {std::vector<std::uint32_t>{3, 4, 17, 50, 99}, {0}, {}, {1, 2, 3, 5, 8, 13, 21, 34, 55, 89}}) {
    rows.compact(x, ids);
    CHECK(entries_of(rows) == expected(x, ids));
    CHECK(std::equal(rows.ids().begin(), rows.ids().end(), ids.begin(), ids.end()));
    rows.in_place(x, ids);
    CHECK(entries_of(rows) == expected(x, ids));
    CHECK(rows.places().empty());
    CHECK(rows.problem().features == 77);
  }
}

TEST_CASE("the rows of a parent are copied where they have few of very many features, too") {
  const CsrMatrix few = random_rows(50, 77, 8, 1);
  // Column c of a block of X becomes 400 c, then all are dense.
  CsrMatrix x(400 * 77);
  for (Row row = 0; row < 50; ++row) {
    const SparseRow from = few.view().row(row);
    for (std::size_t i = 0; i < from.size(); ++i)
      x.push(400 * from.indices[i], from.values[i]);
    x.end_row();
  }
  for (std::uint32_t row = 0; row < 2; ++row) {
    for (std::uint32_t column = row; column < x.cols(); column += 3)
      x.push(column, 0.5F);
    x.end_row();
  }
  ParentRows rows;
  for (const std::vector<std::uint32_t>& ids :
       {std::vector<std::uint32_t>{3, 4, 17, 49}, {7}, {0, 50, 51}, {}, {1, 2, 3, 5, 8, 13, 21, 34}, {51}, {2, 3}}) {
    rows.compact(x, ids);
    CHECK(entries_of(rows) == expected(x, ids));
    CHECK(std::ranges::is_sorted(rows.places(), {}, &FeaturePlace::feature));
  }
}

TEST_CASE("features of a copy are numbered in their order, and those of one row only have no line") {
  const CsrMatrix x = random_rows(40, 200, 8, 2);
  std::vector<std::uint32_t> ids(40);
  std::iota(ids.begin(), ids.end(), 0U);
  ParentRows rows;
  rows.compact(x, ids);
  std::map<FeatureId, int> counts;
  for (const std::uint32_t feature : x.view().indices)
    ++counts[feature];
  std::uint32_t lines = 0;
  auto count = counts.begin();
  REQUIRE(rows.places().size() == counts.size());
  for (const FeaturePlace& place : rows.places()) {
    CHECK(place.feature == count->first);
    CHECK((place.lone_value == 0) == (count->second > 1));
    if (place.lone_value == 0) CHECK(place.line_or_row == lines++);
    ++count;
  }
  CHECK(rows.problem().features == lines);
}

TEST_CASE("norms count all values of a row, lone those without a line") {
  CsrMatrix x(10);
  x.push(2, 3);
  x.push(5, 4);
  x.end_row();
  x.push(5, 2);
  x.end_row();
  ParentRows rows;
  const std::vector<std::uint32_t> ids{0, 1};
  rows.compact(x, ids);
  CHECK(rows.problem().rows[0].norm == 25);
  CHECK(rows.problem().rows[0].lone == 9);
  CHECK(rows.problem().rows[1].norm == 4);
  CHECK(rows.problem().rows[1].lone == 0);
  rows.in_place(x, ids);
  CHECK(rows.problem().rows[0].norm == 25);
  CHECK(rows.problem().rows[0].lone == 0);
}

TEST_CASE("a row whose squares overflow is refused by its number") {
  CsrMatrix x(2);
  x.end_row();
  x.push(1, std::numeric_limits<float>::max());
  x.end_row();
  ParentRows rows;
  const std::vector<std::uint32_t> ids{0, 1};
  try {
    rows.compact(x, ids);
    FAIL("accepted");
  } catch (const RowOverflow& overflow) {
    CHECK(overflow.row == 1);
  }
  CHECK_THROWS_AS(rows.in_place(x, ids), RowOverflow);
}
