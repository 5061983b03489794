#pragma once
// The logistic function and loss, the same bits on every machine (util/exp_log.hpp). Thread rule: pure functions.

#include <algorithm>
#include <cmath>

#include "xmr/util/exp_log.hpp"

namespace xmr {

// 1 / (1 + exp(-z)).
inline double sigmoid(double z) {
  return 1.0 / (1.0 + static_cast<double>(portable_exp(static_cast<float>(-z))));
}

// ln(1 + exp(z)).
inline double softplus(double z) {
  return std::max(z, 0.0) + static_cast<double>(portable_log1p(portable_exp(static_cast<float>(-std::fabs(z)))));
}

}  // namespace xmr
