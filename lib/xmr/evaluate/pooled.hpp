#pragma once
// Metrics that are no sum over rows: of labels, or of answers with the same score.
//
//   score_pooled(judged, {Measure::macro_f1, 5})
//   reliability(judged, 5)        // what stands behind ece@5
//
// Cost: one pass over the answers; memory 24 bytes a label. Thread rule: pure functions.

#include <array>
#include <cstdint>

#include "xmr/evaluate/metric.hpp"
#include "xmr/evaluate/score.hpp"

namespace xmr {

// Any metric with is_pooled(). DataError for ece if a score is no probability.
double score_pooled(const Judged& judged, Metric metric);

// Answers whose scores lie in one of 15 equal parts of 0..1.
struct ReliabilityBin {
  std::uint64_t answers = 0, hits = 0;
  double scores = 0;  // their sum
};
inline constexpr std::size_t kReliabilityBins = 15;
using Reliability = std::array<ReliabilityBin, kReliabilityBins>;

// Of the first k answers of each row. DataError if a score is no probability.
Reliability reliability(const Judged& judged, std::uint32_t k);

}  // namespace xmr
