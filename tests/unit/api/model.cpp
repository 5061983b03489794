#include "xmr/api/model.hpp"

#include <algorithm>
#include <limits>

#include "xmr/predict/ranking_model.hpp"

#include "support/catch.hpp"
#include "support/plain_model.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

namespace {

bool equal(SparseRow a, SparseRow b) {
  return std::ranges::equal(a.indices, b.indices) && std::ranges::equal(a.values, b.values);
}

}  // namespace

TEST_CASE("rows are ranked as the model's own ranker ranks them") {
  const test::TemporaryDirectory folder;
  Random random(11);
  test::random_model(random, 8).write(folder / "model.npz", {.beam = 3});
  const auto own = open_ranking_model(folder / "model.npz");
  const api::Model model(folder / "model.npz");
  CHECK(model.labels() == own->labels());
  CHECK(model.features() == 8);
  CHECK(model.key(0).empty());

  const auto plain = own->ranker({.k = 5, .search = {.beam = 2}});
  api::RowRanker rank(model, {.k = 5, .beam = 2});
  const CsrMatrix queries = test::random_queries(random, 8, 30);
  for (Row row = 0; row < queries.rows(); ++row)
    CHECK(equal(rank(queries.view().row(row)), (*plain)({queries.view().row(row)})));
}

TEST_CASE("a row that does not fit the model is refused") {
  const test::TemporaryDirectory folder;
  Random random(12);
  test::random_model(random, 8).write(folder / "model.npz", {.beam = 3});
  api::RowRanker rank(api::Model(folder / "model.npz"));
  const auto refuses = [&](const std::vector<std::uint32_t>& indices, const std::vector<float>& values) {
    CHECK_THROWS_AS(rank({indices, values}), DataError);
  };
  refuses({8}, {1});
  refuses({3, 3}, {1, 1});
  refuses({3, 2}, {1, 1});
  refuses({3}, {std::numeric_limits<float>::infinity()});
  refuses({3}, {});
  CHECK_NOTHROW(rank({}));
}

TEST_CASE("a use that the models do not support is refused") {
  const test::TemporaryDirectory folder;
  Random random(13);
  test::random_model(random, 8).write(folder / "model.npz", {.beam = 3});
  const std::string path = folder / "model.npz";
  CHECK_THROWS_AS(api::TextRanker(api::Model(path)), ConfigError);
  CHECK_THROWS_AS(api::RowRanker(api::Model({path, path})), ConfigError);
  CHECK_THROWS_AS(api::RowRanker(api::Model(path), {.k = 0}), ConfigError);
  CHECK_THROWS_AS(api::Model(std::vector<std::string>{}), ConfigError);
  CHECK_THROWS_AS(api::Model(folder / "missing.npz"), IoError);
}
