#pragma once
// Confidence intervals by resampling rows (Efron's percentile bootstrap): the metric is computed on many samples of n
// rows drawn with replacement, and the interval reaches from the 2.5th to the 97.5th percentile of the values. Sample i
// draws the same rows for every metric and every prediction file, so differences between them are paired.

#include <cstdint>

#include "xmr/evaluate/score.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

struct Bootstrap {
  std::uint32_t samples = 1000;  // ≥ 1
  std::uint64_t seed = 0;
};

struct Interval {
  double low = 0, high = 0;
};

// The 95 % interval; the same for any number of threads. O(samples × rows).
Interval bootstrap_interval(const RowScores& scores, Bootstrap options, Parallel& parallel);

}  // namespace xmr
