#pragma once
// What predictions got right, row by row, and the metrics of it.
//
//   const Judged judged = judge(y.view(), predictions.view(), parallel);
//   const RowScores scores = score_rows(judged, {Measure::recall, 10}, {}, parallel);
//   scores.value()                                       // R@10
//   bootstrap_interval(scores, {1000, seed}, parallel)   // see bootstrap.hpp
//
// The scores of rows are kept so that intervals and paired comparisons can be drawn from them. Results do not depend on
// the number of threads. Memory: a byte a prediction and 4 bytes a row; 8 bytes a row and metric (16 for psp).

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/evaluate/metric.hpp"
#include "xmr/evaluate/requests.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/sparse/predictions.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// Predictions beside the truth. Relevant are the labels whose weight in the truth is above 0.
struct Judged {
  CsrView truth, ranked;                // as given; not owned
  std::vector<std::uint8_t> hits;       // of each entry of `ranked`: is its label relevant to the row
  std::vector<std::uint32_t> relevant;  // of each row: the number of its relevant labels

  std::span<const std::uint8_t> hits_of(Row r) const {
    return std::span(hits).subspan(ranked.indptr[r], ranked.indptr[r + 1] - ranked.indptr[r]);
  }
};

// `ranked` holds each row's labels in rank order (predictions.hpp). DataError unless both have the same shape.
Judged judge(CsrView truth, CsrView ranked, Parallel& parallel);

// One metric, row by row: its value is Σ gained / Σ attainable.
struct RowScores {
  std::vector<double> gained;
  std::vector<double> attainable;  // empty: 1 for every row

  double value() const;  // 0 where nothing is attainable
  // Of some of the rows.
  RowScores of(std::span<const Row> rows) const;
};

// What some measures need beside the judgements.
struct MetricInputs {
  std::span<const double> inverse_propensities = {};  // of all labels (propensity.hpp), for psp
  const Requests* requests = nullptr;                 // of all rows, for keystrokes and bleu
  LabelKey key = nullptr;                             // of the answers, for bleu
};

// Any metric but those with is_pooled() (pooled.hpp). ConfigError where the inputs lack what it needs, or do not fit;
// DataError for logloss if a score is no probability.
RowScores score_rows(const Judged& judged, Metric metric, const MetricInputs& inputs, Parallel& parallel);

// DataError unless all scores are in 0..1.
void require_probabilities(CsrView ranked);

}  // namespace xmr
