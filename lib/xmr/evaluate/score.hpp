#pragma once
// Predictions judged by the truth, and the scores of metrics.
//
//   const Judged judged = judge(y.view(), predictions.view(), parallel);
//   const RowScores scores = score_rows(judged, parse_metric("r@10"), {}, parallel);
//   scores.value()                                       // r@10
//   bootstrap_interval(scores, {1000, seed}, parallel)   // see bootstrap.hpp
//
// The scores of rows are kept for intervals and paired comparisons. Results do not depend on the number of threads.
// Memory: 1 byte a prediction and 4 bytes a row; 8 bytes a row and metric, 16 if Measure::attainable is set.

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/evaluate/metric.hpp"
#include "xmr/evaluate/requests.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/sparse/predictions.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// Predictions beside the truth. A label is relevant to a row if its weight in the truth is above 0.
struct Judged {
  CsrView truth, ranked;                // not owned
  std::vector<std::uint8_t> hits;       // [entry of `ranked`]: 1 if its label is relevant to the row, else 0
  std::vector<std::uint32_t> relevant;  // [row]: the number of relevant labels
  float max_weight = 0;                 // the largest weight of the truth, >= 0

  std::span<const std::uint8_t> hits_of(Row r) const {
    return std::span(hits).subspan(ranked.indptr[r], ranked.indptr[r + 1] - ranked.indptr[r]);
  }
};

// `ranked` holds the labels of each row in rank order (predictions.hpp). If the shapes differ, throws DataError.
Judged judge(CsrView truth, CsrView ranked, Parallel& parallel);

// The scores of the rows by one metric. Its value is Σ gained / Σ attainable.
struct RowScores {
  std::vector<double> gained;
  std::vector<double> attainable;  // empty: 1 for every row

  double value() const;  // 0 if nothing is attainable
  // The scores of the given rows only.
  RowScores of(std::span<const Row> rows) const;
};

// The inputs that some measures read beside the judgements (measure.hpp, MeasureInputs).
struct MetricInputs {
  std::span<const double> inverse_propensities = {};  // [label] (propensity.hpp)
  const Requests* requests = nullptr;                 // of all rows
  LabelKey key = nullptr;                             // of the answers
};

// Scores the rows by a metric that is a sum over rows. If the metric is pooled, or an input is missing or does not
// fit, throws ConfigError. If a metric of probabilities meets a score outside 0..1, throws DataError.
RowScores score_rows(const Judged& judged, Metric metric, const MetricInputs& inputs, Parallel& parallel);

// The value of a pooled metric. Errors as above. Cost: one pass over the answers.
double score_pooled(const Judged& judged, Metric metric);

}  // namespace xmr
