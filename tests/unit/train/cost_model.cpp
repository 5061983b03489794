#include "xmr/train/cost_model.hpp"

#include <algorithm>
#include <vector>

#include "support/catch.hpp"
#include "support/random_chunk.hpp"

using namespace xmr;

TEST_CASE("the bytes of a chunk are told from its rows and weights, within a quarter") {
  const auto type = GENERATE(WeightType::f2, WeightType::f4);
  const double used = GENERATE(0.02, 0.3, 0.9);          // share of the features that have a row
  const double density = GENERATE(0.03, 0.1, 0.4, 0.9);  // share of the children that use such a feature
  Random random(3);
  const test::PlainChunk chunk = test::random_chunk(random, 48, 20'000, used, density);
  double rows = 0, weights = 0;
  for (const std::vector<float>& row : chunk.weights) {
    const auto count = std::ranges::count_if(row, [](float weight) { return weight != 0; });
    weights += static_cast<double>(count);
    if (count > 0) ++rows;
  }
  const double told = bytes_of_chunk(20'000, 48, rows, weights, type);
  CHECK(told / static_cast<double>(chunk.bytes(type).size()) == Approx(1).margin(0.25));
}
