#pragma once
// Confidence intervals by resampling rows (Efron's percentile bootstrap). A sample draws n rows with replacement. The
// interval reaches from the 2.5th to the 97.5th percentile of the metric over all samples. Sample i draws the same rows
// for every metric and every prediction file, so differences between files are paired.

#include <cstdint>

#include "xmr/evaluate/score.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

struct Bootstrap {
  std::uint32_t samples = 1000;  // >= 1
  std::uint64_t seed = 0;
};

struct Interval {
  double low = 0, high = 0;
};

// Returns the 95 % interval. The result does not depend on the number of threads. Cost: O(samples x rows).
Interval bootstrap_interval(const RowScores& scores, Bootstrap options, Parallel& parallel);

// The difference between two prediction files on the same rows.
struct Difference {
  double value = 0;   // the metric of ours minus that of theirs
  Interval interval;  // 95 %
  // The two-sided p-value: 2 (count + 1) / (samples + 1), at most 1. `count` is the number of samples in which the
  // file that is worse on all rows is at least as good.
  double p = 1;
};

// Compares two files by the same metric on the same rows. Cost and threads as above.
Difference bootstrap_difference(const RowScores& ours, const RowScores& theirs, Bootstrap options, Parallel& parallel);

}  // namespace xmr
