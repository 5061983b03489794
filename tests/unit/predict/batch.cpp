#include "xmr/predict/batch.hpp"

#include <memory>
#include <vector>

#include "xmr/predict/beam_search.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/plain_model.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

namespace {

struct Answers {
  std::vector<Offset> indptr;
  std::vector<LabelId> labels;
  std::vector<float> scores;
  bool operator==(const Answers&) const = default;
};

Answers copied(CsrView ranked) {
  return {{ranked.indptr.begin(), ranked.indptr.end()},
          {ranked.indices.begin(), ranked.indices.end()},
          {ranked.values.begin(), ranked.values.end()}};
}

}  // namespace

TEST_CASE("batches give the answers of single queries in row order, for any number of threads", "[threads]") {
  const test::TemporaryDirectory folder;
  Random random(3);
  const test::PlainModel plain = test::random_model(random, 20);
  plain.write(folder / "model.npz");
  const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
  const CsrMatrix queries = test::random_queries(random, 20, 1000);
  const SearchOptions options{.k = 3,
                              .beam = 4,
                              .post_processor = PostProcessor("l3-hinge"),
                              .ties = GENERATE(TieRule::margin, TieRule::position)};

  BeamSearch search(model, options);
  CsrMatrix single(model.tree().label_count());
  for (Row row = 0; row < queries.rows(); ++row)
    single.append_row(search({queries.view().row(row)}));

  for (const unsigned threads : {1U, 2U, 7U}) {
    Parallel parallel(threads);
    BatchPredictor predict([&] { return std::make_unique<BeamSearch>(model, options); }, parallel);
    CsrMatrix batch(model.tree().label_count());
    const auto instance = [&](Row row, unsigned) { return Query{queries.view().row(row)}; };
    predict(queries.rows(), instance, [&](CsrView ranked, std::span<const RankKeys>) {
      for (Row row = 0; row < ranked.rows; ++row)
        batch.append_row(ranked.row(row));
    });
    CHECK(copied(batch) == copied(single));
  }
}

TEST_CASE("a batch of no rows delivers nothing") {
  const test::TemporaryDirectory folder;
  Random random(4);
  test::random_model(random, 5).write(folder / "model.npz");
  const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
  Parallel parallel(2);
  const SearchOptions options{.k = 3, .beam = 4, .post_processor = PostProcessor("noop")};
  BatchPredictor predict([&] { return std::make_unique<BeamSearch>(model, options); }, parallel);
  predict(
      0, [](Row, unsigned) -> Query { throw DataError("no row"); },
      [](CsrView, std::span<const RankKeys>) { FAIL("nothing was ranked"); });
}
