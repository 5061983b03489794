#pragma once
// Fits logistic weights (logistic_weights.hpp) to evidence: the weights that minimise
//
//   Σ over candidates: w · loss(y, start + margin)  +  ½ · ridge · Σ (weight - prior)², the constant left out
//
// loss is the logistic one (slopes.hpp). Without a prior the weights are shrunk to 0, and the center and the scale of a
// column come from the evidence. With a prior they come from the prior. With starts the weights are a correction of the
// given margins.
// Damped steps of Newton (util/damped_newton.hpp). Second derivatives come from candidates drawn by their curvature.
// Cost: about 20 passes over the evidence, and 10 times (3 columns)² for each drawn candidate, at most about 131,072.
// Memory: 64 matrices of second derivatives, 8 bytes a candidate. Errors: as check(LabelledEvidence); ConfigError for a
// ridge that is not positive or a prior of other columns. Thread rule: pure function. The same weights for any number
// of threads.

#include "xmr/boost/evidence_view.hpp"
#include "xmr/boost/logistic_weights.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

struct LogisticOptions {
  double ridge = 1;
  const LogisticWeights* prior = nullptr;  // a weight for each column of the evidence; null: 0
};

LogisticWeights fit_logistic(const LabelledEvidence& data, const LogisticOptions& options, Parallel& parallel);

}  // namespace xmr
