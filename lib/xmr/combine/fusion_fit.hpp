#pragma once
// Weights for Fusion from rows whose labels are known and that the models have not learnt from: a logistic model of
// "this label is relevant" over what the lists say of it (evidence.hpp), for all labels that any list holds.
//
//   FusionWeights weights = fit_fusion(lists, y.view(), parallel);
//
// Newton's method on the regularised likelihood (½ of each weight's square), which is convex: a few passes over the
// answers. The same weights for any number of threads. Memory: a matrix of evidence_of(lists)² numbers for each block
// of 256 rows. Errors: DataError for lists of another shape than the truth, or if no list holds a relevant label.

#include <span>

#include "xmr/combine/fusion.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// Relevant are the labels whose weight in the truth is above 0.
FusionWeights fit_fusion(std::span<const CsrView> lists, CsrView truth, Parallel& parallel);

}  // namespace xmr
