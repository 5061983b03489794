#pragma once
// How probable it is that a relevant label is known to be relevant: rare labels are missing from the truth more often,
// so a hit on one counts more (Jain, Prabhu, Varma: Extreme Multi-label Loss Functions, KDD 2016):
//
//   1/q_l = 1 + C (N_l + B)^-A,   C = (ln N - 1) (B + 1)^A
//
// N training rows, N_l of them with label l. The authors' A, B: 0.55, 1.5 for most sets; 0.5, 0.4 for Wikipedia;
// 0.6, 2.6 for Amazon. C is taken as 0 where N ≤ 2 would make it negative.

#include <vector>

#include "xmr/sparse/csr.hpp"

namespace xmr {

struct PropensityModel {
  double a = 0.55;
  double b = 1.5;  // > 0
};

// 1/q of every label, from the labels of the training rows. O(nnz).
std::vector<double> inverse_propensities(CsrView train_labels, PropensityModel model);

}  // namespace xmr
