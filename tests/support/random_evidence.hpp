#pragma once
// Random candidates of queries: some columns tell of the target, some have few values, some lack numbers.

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "xmr/boost/evidence_view.hpp"
#include "xmr/util/random.hpp"

namespace xmr::test {

struct RandomEvidence {
  std::vector<float> values;
  std::vector<std::uint8_t> targets;
  std::vector<float> weights;
  std::vector<std::uint64_t> queries = {0};
  std::size_t columns;

  RandomEvidence(std::size_t number_of_queries, std::size_t columns_, std::uint64_t seed, bool with_weights = false)
      : columns(columns_) {
    Random random(seed);
    for (std::size_t query = 0; query < number_of_queries; ++query) {
      for (std::uint64_t left = random.below(20); left > 0; --left) {
        const bool relevant = random.below(6) == 0;
        targets.push_back(relevant ? 1 : 0);
        if (with_weights) weights.push_back(static_cast<float>(random.below(5)) / 2);
        for (std::size_t column = 0; column < columns; ++column)
          values.push_back(number(column, relevant, random));
      }
      queries.push_back(targets.size());
    }
  }

  LabelledEvidence view() const { return {{values, columns}, targets, weights, {}, queries}; }

 private:
  static float number(std::size_t column, bool relevant, Random& random) {
    if (column % 4 == 3 && random.below(3) == 0) return std::numeric_limits<float>::quiet_NaN();
    if (column % 3 == 2) return static_cast<float>(random.below(4)) + (relevant ? 1.0F : 0.0F);
    const double noise = random.uniform() + random.uniform() - 1;
    return static_cast<float>(std::pow(10.0, static_cast<double>(column)) * (noise + (relevant ? 0.4 : 0.0)));
  }
};

}  // namespace xmr::test
