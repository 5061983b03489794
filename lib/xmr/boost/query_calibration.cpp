#include "xmr/boost/query_calibration.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "xmr/util/damped_newton.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/logistic_loss.hpp"

namespace xmr {
namespace {

constexpr double kLeastShare = 0x1p-14;  // of the other candidates in the softmax: log-odds stay below 10
constexpr double kRidge = 1e-3;          // bounds the fit if factor and constant separate the targets without fault

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

// The loss of a constant and a factor, or of a constant alone, where the factor is 1.
class Problem final : public ConvexFunction {
 public:
  Problem(const LabelledEvidence& data, std::span<const double> odds, bool with_factor)
      : data_(data), odds_(odds), start_(with_factor ? 2 : 1) {
    start_[0] = 0;
    if (with_factor) start_[1] = 1;
  }
  const Eigen::VectorXd& start() const { return start_; }
  static QueryCalibration calibration(const Eigen::VectorXd& at) { return {at.size() > 1 ? at[1] : 1, at[0]}; }

  Derivatives at(const Eigen::VectorXd& place) const override {
    const Eigen::VectorXd change = place - start_;
    Derivatives sum{kRidge / 2 * change.squaredNorm(), kRidge * change,
                    kRidge * Eigen::MatrixXd::Identity(place.size(), place.size())};
    const QueryCalibration tried = calibration(place);
    // The derivatives of the log-odds of a candidate by the variables.
    Eigen::Matrix<double, Eigen::Dynamic, 1, 0, 2, 1> x(place.size());
    x[0] = 1;
    for (std::size_t i = 0; i < odds_.size(); ++i) {
      const double z = tried.factor * odds_[i] + tried.constant, p = sigmoid(z);
      const auto w = static_cast<double>(data_.weight(i));
      if (x.size() > 1) x[1] = odds_[i];
      sum.value += w * softplus(data_.targets[i] != 0 ? -z : z);
      sum.gradient += w * (p - data_.targets[i]) * x;
      sum.hessian += w * p * (1 - p) * x * x.transpose();
    }
    return sum;
  }

 private:
  const LabelledEvidence& data_;
  std::span<const double> odds_;
  Eigen::VectorXd start_;
};

QueryCalibration fit(const LabelledEvidence& data, std::span<const double> odds, bool with_factor) {
  const Problem problem(data, odds, with_factor);
  return Problem::calibration(minimise(problem, problem.start(), Observer::none()).at);
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
