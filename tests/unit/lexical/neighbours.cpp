#include "xmr/lexical/neighbours.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/plain_bm25.hpp"
#include "support/ranked.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using test::TemporaryDirectory;

namespace {

void write(const std::string& path, CsrView x, CsrView y, unsigned threads = 1) {
  Parallel parallel(threads);
  NpzWriter out(path);
  write_neighbours(out, "n/", build_neighbours(x, y, parallel));
  out.commit({"test", 1, {}});
}

// An index and the file it lies in.
struct Opened {
  NpzFile file;
  NeighbourIndex index;

  Opened(const std::string& path, CsrView x, CsrView y) : file(path), index(file, "n/", x.cols, y.cols) {}
};

struct PlainLabel {
  LabelId label;
  double score, nearest;
};

double norm(SparseRow row) {
  double squares = 0;
  for (const float value : row.values)
    squares += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(squares);
}

double whole(double value) {
  return std::max(1.0, std::round(value * 65536)) / 65536;
}

// All rows are compared with the query, all labels of the best are summed up.
std::vector<PlainLabel> plain_neighbours(CsrView x, CsrView y, SparseRow query, std::size_t k, std::size_t neighbours) {
  std::vector<std::pair<double, Row>> rows;
  for (Row row = 0; row < x.rows; ++row) {
    double cosine = 0;
    for (std::size_t i = 0; i < query.size(); ++i) {
      const SparseRow of_row = x.row(row);
      const auto found = std::ranges::find(of_row.indices, query.indices[i]);
      if (found == of_row.indices.end()) continue;
      const auto value = static_cast<double>(of_row.values[static_cast<std::size_t>(found - of_row.indices.begin())]);
      cosine += whole(static_cast<double>(query.values[i]) / norm(query)) * whole(value / norm(of_row));
    }
    if (cosine > 0) rows.emplace_back(-cosine, row);
  }
  std::ranges::sort(rows);
  if (rows.size() > neighbours) rows.resize(neighbours);
  std::map<LabelId, PlainLabel> sums;
  for (const auto& [negative, row] : rows) {
    const SparseRow labels = y.row(row);
    double all = 0;
    for (const float weight : labels.values)
      all += static_cast<double>(weight);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      PlainLabel& sum = sums.try_emplace(labels.indices[i], PlainLabel{labels.indices[i], 0, 0}).first->second;
      sum.score += std::pow(-negative, 3) * whole(static_cast<double>(labels.values[i]) / all);
      sum.nearest = std::max(sum.nearest, -negative);
    }
  }
  std::vector<PlainLabel> ranked;
  for (const auto& [label, sum] : sums)
    ranked.push_back(sum);
  std::ranges::stable_sort(ranked, [](const PlainLabel& a, const PlainLabel& b) { return a.score > b.score + 1e-12; });
  if (ranked.size() > k) ranked.resize(k);
  return ranked;
}

}  // namespace

TEST_CASE("neighbours are those of comparing all rows") {
  const TemporaryDirectory folder;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Random random(seed);
    const auto features = static_cast<std::uint32_t>(2 + random.below(40));
    const std::uint64_t rows = 2 + random.below(120);
    const CsrMatrix x = test::random_counts(random, rows, features), y = test::random_counts(random, rows, 9);
    write(folder / "index.npz", x, y);
    const Opened opened(folder / "index.npz", x, y);
    const CsrMatrix queries = test::random_counts(random, 20, features);
    for (const std::uint32_t k : {1U, 4U, 100U})
      for (const std::uint32_t neighbours : {1U, 5U, 50U}) {
        NeighbourSearch search(opened.index, k, neighbours);
        for (Row row = 0; row < queries.rows(); ++row) {
          INFO("seed " << seed << ", k " << k << ", neighbours " << neighbours << ", row " << row);
          const SparseRow found = search(queries.view().row(row));
          const auto plain = plain_neighbours(x, y, queries.view().row(row), k, neighbours);
          REQUIRE(found.size() == plain.size());
          REQUIRE(search.nearest().size() == plain.size());
          for (std::size_t i = 0; i < plain.size(); ++i) {
            REQUIRE(std::fabs(static_cast<double>(found.values[i]) - plain[i].score) < 1e-5);
            // Scores that are equal but for rounding may change places.
            const auto same = std::ranges::find(plain, found.indices[i], &PlainLabel::label);
            if (same == plain.end()) continue;
            REQUIRE(std::fabs(same->score - plain[i].score) < 1e-9);
            REQUIRE(std::fabs(static_cast<double>(search.nearest()[i]) - same->nearest) < 1e-6);
          }
        }
      }
  }
}

TEST_CASE("a row's labels share its weight, and a query's length does not count") {
  const TemporaryDirectory folder;
  CsrMatrix x(2), y(3);
  x.push(0, 2);
  x.end_row();
  x.push(1, 5);
  x.end_row();
  y.push(0, 1);
  y.push(2, 3);
  y.end_row();
  y.push(1, 7);
  y.end_row();
  write(folder / "index.npz", x, y);
  const Opened opened(folder / "index.npz", x, y);
  NeighbourSearch search(opened.index, 5);
  CsrMatrix query(2);
  query.push(0, 9);
  query.end_row();
  CHECK(test::ranked(search(query.view().row(0))) == std::vector<std::pair<LabelId, float>>{{2, 0.75F}, {0, 0.25F}});
  CHECK(search.nearest()[0] == 1);
  CHECK(search({}).size() == 0);
}

TEST_CASE("features of many rows do not count") {
  const TemporaryDirectory folder;
  const Row rows = kMinRowsOfFeature + 1;
  CsrMatrix x(2), y(1);
  for (Row row = 0; row < rows; ++row) {
    x.push(0, 1);
    if (row > 0) x.push(1, 1);
    x.end_row();
    y.push(0, 1);
    y.end_row();
  }
  write(folder / "index.npz", x, y);
  const Opened opened(folder / "index.npz", x, y);
  CHECK(opened.index.rows()[0].postings.empty());
  CHECK(opened.index.rows()[1].postings.size() == kMinRowsOfFeature);
  CHECK(opened.index.verify() == kMinRowsOfFeature + rows);
}

TEST_CASE("an index of neighbours is the same for any number of threads", "[threads]") {
  const TemporaryDirectory folder;
  Random random(3);
  const CsrMatrix x = test::random_counts(random, 300, 60), y = test::random_counts(random, 300, 9);
  write(folder / "1.npz", x, y, 1);
  write(folder / "7.npz", x, y, 7);
  CHECK(test::read_file(folder / "1.npz") == test::read_file(folder / "7.npz"));
}

TEST_CASE("every one-byte change of an index of neighbours is refused or changes nothing", "[damage]") {
  const TemporaryDirectory folder;
  Random random(4);
  const CsrMatrix x = test::random_counts(random, 20, 10), y = test::random_counts(random, 20, 5);
  write(folder / "index.npz", x, y);
  std::vector<std::vector<std::pair<LabelId, float>>> expected;
  const auto answers = [&](const std::string& path) {
    const Opened opened(path, x, y);
    NeighbourSearch search(opened.index, 3);
    std::vector<std::vector<std::pair<LabelId, float>>> found;
    for (Row row = 0; row < x.rows(); ++row)
      found.push_back(test::ranked(search(x.view().row(row))));
    return found;
  };
  expected = answers(folder / "index.npz");
  const std::string bytes = test::read_file(folder / "index.npz");
  test::Damage("neighbours", bytes).change({0x20}, [&](const std::string& changed) {
    test::write_file(folder / "changed.npz", changed);
    const auto found = answers(folder / "changed.npz");
    REQUIRE(found == expected);
  });
}

TEST_CASE("values below 0, other rows and no answers are refused") {
  const TemporaryDirectory folder;
  Parallel parallel;
  CsrMatrix x(1), y(1), other(1);
  x.push(0, -1);
  x.end_row();
  y.push(0, 1);
  y.end_row();
  CHECK_THROWS_WITH(build_neighbours(x, y, parallel), "neighbours: row 0 has the negative value -1");
  CHECK_THROWS_WITH(build_neighbours(x, other, parallel), "neighbours: 1 rows of features, 0 of labels");
  write(folder / "index.npz", y, y);
  const Opened opened(folder / "index.npz", y, y);
  CHECK_THROWS_AS(NeighbourSearch(opened.index, 0), ConfigError);
  CHECK_THROWS_AS(NeighbourSearch(opened.index, 1, 0), ConfigError);
}
