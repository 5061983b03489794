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

// How much better one file is than another on the same rows.
struct Difference {
  double value = 0;   // of the metric, ours less theirs
  Interval interval;  // 95 %
  // How likely so large a difference, in either direction, is by the choice of rows: twice the share of samples in
  // which the other file is at least as good, (count + 1) / (samples + 1), at most 1.
  double p = 1;
};

// Both hold the same metric of the same rows. Cost and thread rule as above.
Difference bootstrap_difference(const RowScores& ours, const RowScores& theirs, Bootstrap options, Parallel& parallel);

}  // namespace xmr
