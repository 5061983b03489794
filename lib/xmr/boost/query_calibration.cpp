#include "xmr/boost/query_calibration.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "xmr/boost/logistic_loss.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr double kLeastShare = 0x1p-14;  // of the other candidates in the softmax: log-odds stay below 10
constexpr int kSteps = 60;
constexpr int kHalvings = 30;
constexpr double kLeastGain = 1e-10;  // of the loss, as a share: ends the fit
constexpr double kRidge = 1e-3;       // bounds the fit if factor and constant separate the targets without fault

void to_log_odds(std::span<double> margins) {
  if (margins.empty()) return;
  const double largest = *std::ranges::max_element(margins);
  double sum = 0;
  for (const double margin : margins)
    sum += static_cast<double>(portable_exp(static_cast<float>(margin - largest)));
  for (double& margin : margins) {
    const double own = static_cast<double>(portable_exp(static_cast<float>(margin - largest)));
    margin = margin - largest - portable_log(std::max(sum - own, kLeastShare * sum));
  }
}

// The loss and its derivatives, summed over the candidates.
struct Sums {
  double loss = 0;
  double factor = 0, constant = 0;
  double factor_factor = 0, factor_constant = 0, constant_constant = 0;
};

Sums sums_at(const QueryCalibration& at, const LabelledEvidence& data, std::span<const double> odds) {
  Sums sums;
  for (std::size_t i = 0; i < odds.size(); ++i) {
    const double z = at.factor * odds[i] + at.constant, p = sigmoid(z), w = static_cast<double>(data.weight(i));
    sums.loss += w * softplus(data.targets[i] != 0 ? -z : z);
    const double slope = w * (p - data.targets[i]), curvature = w * p * (1 - p);
    sums.factor += slope * odds[i];
    sums.constant += slope;
    sums.factor_factor += curvature * odds[i] * odds[i];
    sums.factor_constant += curvature * odds[i];
    sums.constant_constant += curvature;
  }
  sums.loss += kRidge / 2 * ((at.factor - 1) * (at.factor - 1) + at.constant * at.constant);
  sums.factor += kRidge * (at.factor - 1);
  sums.constant += kRidge * at.constant;
  sums.factor_factor += kRidge;
  sums.constant_constant += kRidge;
  return sums;
}

// Newton's method; a step that does not lower the loss is halved.
QueryCalibration fit(const LabelledEvidence& data, std::span<const double> odds, bool with_factor) {
  QueryCalibration at;
  Sums here = sums_at(at, data, odds);
  for (int step = 0; step < kSteps; ++step) {
    QueryCalibration change{0, here.constant / here.constant_constant};
    if (with_factor) {
      const double determinant =
          here.factor_factor * here.constant_constant - here.factor_constant * here.factor_constant;
      change.factor = (here.factor * here.constant_constant - here.constant * here.factor_constant) / determinant;
      change.constant = (here.constant * here.factor_factor - here.factor * here.factor_constant) / determinant;
    }
    const double before = here.loss;
    double share = 1;
    for (int halving = 0; halving < kHalvings && here.loss == before; ++halving, share /= 2) {
      const QueryCalibration tried{at.factor - share * change.factor, at.constant - share * change.constant};
      const Sums there = sums_at(tried, data, odds);
      if (!(there.loss < before)) continue;
      at = tried;
      here = there;
    }
    if (!(before - here.loss > kLeastGain * before)) break;
  }
  return at;
}

}  // namespace

void QueryCalibration::apply(std::span<double> margins) const {
  to_log_odds(margins);
  for (double& margin : margins)
    margin = factor * margin + constant;
}

QueryCalibration fit_query_calibration(const LabelledEvidence& data, std::span<const double> margins) {
  check(data);
  if (margins.size() != data.candidates())
    throw ConfigError(fmt::format("calibration: {} margins for {} candidates", margins.size(), data.candidates()));
  std::vector<double> odds(margins.begin(), margins.end());
  for (std::size_t query = 0; query < data.number_of_queries(); ++query)
    to_log_odds(std::span(odds).subspan(data.queries[query], data.queries[query + 1] - data.queries[query]));
  const QueryCalibration found = fit(data, odds, true);
  const bool is_fit = found.factor > 0 && std::isfinite(found.factor) && std::isfinite(found.constant);
  return is_fit ? found : fit(data, odds, false);
}

}  // namespace xmr
