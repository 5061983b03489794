#pragma once
// The propensity q_l: the probability that a relevant label is known to be relevant. Rare labels are missing from the
// truth more often, so a hit on a rare label counts more (Jain, Prabhu, Varma: Extreme Multi-label Loss Functions, KDD
// 2016):
//
//   1/q_l = 1 + C (N_l + B)^-A,   C = (ln N - 1) (B + 1)^A
//
// N is the number of training rows, N_l the number with label l. The authors' A, B: 0.55, 1.5 for most sets; 0.5, 0.4
// for Wikipedia; 0.6, 2.6 for Amazon. If N <= 2, C is 0 instead of negative.

#include <vector>

#include "xmr/sparse/csr.hpp"

namespace xmr {

struct PropensityModel {
  double a = 0.55;
  double b = 1.5;  // > 0
};

// Returns 1/q of every label from the labels of the training rows. Cost: O(nnz).
std::vector<double> inverse_propensities(CsrView train_labels, PropensityModel model);

}  // namespace xmr
