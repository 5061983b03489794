#include "support/allocations.hpp"

#include <string>
#include <utility>
#include <vector>

#include "xmr/predict/beam_search.hpp"
#include "xmr/predict/completer.hpp"

#include "support/catch.hpp"
#include "support/plain_model.hpp"
#include "support/random_completions.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

TEST_CASE("a search allocates nothing once it has seen its queries") {
  const test::TemporaryDirectory folder;
  Random random(5);
  const test::PlainModel plain = test::random_model(random, 30);
  plain.write(folder / "model.npz");
  const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
  const CsrMatrix queries = test::random_queries(random, 30, 100);
  BeamSearch search(model, default_search(model));
  const auto rank_all = [&] {
    for (Row row = 0; row < queries.rows(); ++row)
      search({queries.view().row(row)});
  };
  rank_all();
  const std::size_t before = test::allocations;
  rank_all();
  const std::size_t after = test::allocations;
  CHECK(before > 0);
  CHECK(after == before);
}

TEST_CASE("completing allocates nothing once it has seen its requests") {
  test::RandomCompletions sample;
  std::vector<std::pair<std::string, std::string>> requests;
  for (int i = 0; i < 100; ++i)
    requests.emplace_back(sample.previous(), sample.text(0, 5));
  Completer complete(*sample.model, 10, {.mends_typos = true});
  const auto complete_all = [&] {
    for (const auto& [previous, prefix] : requests)
      complete({.previous = previous, .prefix = prefix});
  };
  complete_all();
  const std::size_t before = test::allocations;
  complete_all();
  const std::size_t after = test::allocations;
  CHECK(before > 0);
  CHECK(after == before);
}
