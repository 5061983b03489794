#include "xmr/util/damped_newton.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <Eigen/Cholesky>
#include <fmt/format.h>

namespace xmr {
namespace {

constexpr int kMaxSteps = 100;
constexpr double kSmallGain = 1e-6;  // of the value
// Added to the diagonal of the Hessian, as a share of it. The least is about the error of sums in 32 bits.
constexpr double kFirstDamping = 16, kLeastDamping = 1e-6;
// The damping changes by a factor if the gain of a step is a smaller or larger share of the promised gain.
constexpr double kPoorShare = 0.25, kRaise = 4, kGoodShare = 0.75, kLower = 1.0 / 8;

struct Step {
  Eigen::VectorXd change;  // to be subtracted
  double promised;         // the gain if the function were quadratic
};

// Returns nothing if rounding makes the damped Hessian indefinite.
std::optional<Step> step_of(Eigen::MatrixXd hessian, const Eigen::VectorXd& gradient, double damping) {
  const Eigen::VectorXd added = damping * hessian.diagonal();
  hessian.diagonal() += added;
  const Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> factor(hessian);
  if (factor.info() != Eigen::Success) return std::nullopt;
  Eigen::VectorXd change = factor.solve(gradient);
  const double promised = (gradient.dot(change) + change.cwiseAbs2().dot(added)) / 2;
  return Step{std::move(change), promised};
}

}  // namespace

Minimum minimise(const ConvexFunction& function, Eigen::VectorXd start, Observer& observer) {
  Eigen::VectorXd at = std::move(start);
  ConvexFunction::Derivatives here = function.at(at);
  double damping = kFirstDamping;
  for (int n = 0; n < kMaxSteps; ++n) {
    observer.advance(1);
    const std::optional<Step> step = step_of(here.hessian, here.gradient, damping);
    double share = 0;
    if (step) {
      ConvexFunction::Derivatives there = function.at(at - step->change);
      share = (here.value - there.value) / step->promised;
      const bool is_last = step->promised <= kSmallGain * here.value;
      if (there.value < here.value) {
        at -= step->change;
        here = std::move(there);
      }
      if (is_last) return {std::move(at), here.value};
    }
    if (!(share >= kPoorShare))
      damping *= kRaise;
    else if (share > kGoodShare)
      damping = std::max(damping * kLower, kLeastDamping);
  }
  observer.warn(fmt::format("the weights are not the best: the fit has not ended after {} steps", kMaxSteps));
  return {std::move(at), here.value};
}

}  // namespace xmr
