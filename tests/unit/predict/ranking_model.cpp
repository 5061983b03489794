#include "xmr/predict/ranking_model.hpp"

#include <algorithm>
#include <memory>

#include "xmr/io/json.hpp"
#include "xmr/predict/beam_search.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/plain_model.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

TEST_CASE("a model of any kind is opened by what its file says") {
  const test::TemporaryDirectory folder;
  Random random(6);
  test::random_model(random, 8).write(folder / "model.npz", {.beam = 3});
  const auto model = open_ranking_model(folder / "model.npz");
  const ModelCapabilities can = model->capabilities();
  CHECK(can.searches_tree);
  CHECK_FALSE(can.needs_counts);
  CHECK(can.linear != nullptr);
  CHECK(can.completion == nullptr);
  CHECK(can.level_sizes.back() >= model->labels());
  CHECK(model->features() == 8);
  CHECK(model->names().empty());
  CHECK(model->vectorizer() == nullptr);

  SECTION("the model decides where nothing is asked for") {
    CHECK(model->describe({})["beam"] == 3);
    CHECK(model->describe({})["post_processor"] == "l3-hinge");
    CHECK(model->describe({.search = {.beam = 7, .post_processor = PostProcessor("noop")}})["beam"] == 7);
  }
  SECTION("its ranker is that of its kind") {
    const XrLinearModel same = XrLinearModel::open(folder / "model.npz");
    BeamSearch search(same, default_search(same));
    const auto ranker = model->ranker({});
    CHECK(ranker->labels() == model->labels());
    const CsrMatrix queries = test::random_queries(random, 8, 20);
    for (Row row = 0; row < queries.rows(); ++row) {
      const SparseRow expected = search({queries.view().row(row)}), found = (*ranker)({queries.view().row(row)});
      CHECK(std::ranges::equal(expected.indices, found.indices));
      CHECK(std::ranges::equal(expected.values, found.values));
    }
  }
}

TEST_CASE("a model of an unknown type is refused") {
  const test::TemporaryDirectory folder;
  NpzWriter(folder / "model.npz").commit({"model", 1, Json{{"type", "oracle"}}});
  CHECK_THROWS_WITH(open_ranking_model(folder / "model.npz"),
                    folder / "model.npz" + std::string(": a model of unknown type 'oracle'"));
  NpzWriter(folder / "tree.npz").commit({"label-tree", 1, {}});
  CHECK_THROWS_WITH(open_ranking_model(folder / "tree.npz"),
                    folder / "tree.npz" + std::string(": is a label-tree, not a model"));
}
