#pragma once
// Fits the weights of Fusion to rows that the models were not trained on: a logistic model of "this label is relevant"
// over the evidence (evidence.hpp), for all labels of any list.
//
//   FusionWeights weights = fit_fusion(lists, y.view(), parallel);
//
// Damped steps of Newton (util/damped_newton.hpp) minimise the regularised loss (½ of each squared weight) in about 10
// passes over the answers. The weights do not depend on the number of threads. Memory: evidence_of(lists)² numbers for
// each block of 256 rows. Errors: DataError if the shape of a list differs from that of the truth, or if no list holds
// a relevant label.

#include <span>

#include "xmr/combine/fusion.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// A label is relevant if its weight in the truth is above 0.
FusionWeights fit_fusion(std::span<const CsrView> lists, CsrView truth, Parallel& parallel);

}  // namespace xmr
