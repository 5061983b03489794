#pragma once
// Fits logistic weights (logistic_weights.hpp) to evidence: the weights that minimise
//
//   Σ over candidates: w · loss(y, start + margin)  +  ½ · ridge · Σ (weights but the constant)²
//
// loss is the logistic one (slopes.hpp). With starts the weights are a correction of the margins given, shrunk to 0.
// Newton's method with the exact gradient; second derivatives come from a fixed sample of queries, and a step that does
// not lower the loss is halved. Cost: about 12 passes over the evidence. Memory: 8 bytes a candidate.
// Errors: those of check(LabelledEvidence); ConfigError for a ridge that is not positive.
// Thread rule: pure function. The same weights for any number of threads.

#include "xmr/boost/evidence_view.hpp"
#include "xmr/boost/logistic_weights.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

struct LogisticOptions {
  double ridge = 1;
};

LogisticWeights fit_logistic(const LabelledEvidence& data, const LogisticOptions& options, Parallel& parallel);

}  // namespace xmr
