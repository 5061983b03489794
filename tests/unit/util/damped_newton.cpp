#include "xmr/util/damped_newton.hpp"

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/util/random.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

// The mean of ln(1 + exp(-y x·w)) over rows x with y of -1 or 1, plus a ridge. Columns differ in size by 10^4, so the
// quadratic function at 0 is far from it at the minimum.
class Logistic final : public ConvexFunction {
 public:
  Logistic(Eigen::Index rows, Eigen::Index columns, double ridge, std::uint64_t seed)
      : x_(rows, columns), ridge_(ridge) {
    Random random(seed);
    for (Eigen::Index row = 0; row < rows; ++row) {
      for (Eigen::Index column = 0; column < columns; ++column)
        x_(row, column) = (random.uniform() - 0.5) * std::pow(10, column % 5 - 2) * (row % 50 == 0 ? 40 : 1);
      if (x_(row, 0) + x_(row, 1) / 10 < 0) x_.row(row) *= -1;  // separable but for every tenth row
      if (row % 10 == 0) x_.row(row) *= -1;
    }
  }
  // The Hessian has the precision of 32 bits.
  Derivatives at(const Eigen::VectorXd& place) const override {
    Derivatives sum{ridge_ / 2 * place.squaredNorm(), ridge_ * place, {}};
    Eigen::MatrixXf products = Eigen::MatrixXf::Zero(place.size(), place.size());
    const Eigen::VectorXd margins = x_ * place;
    for (Eigen::Index i = 0; i < margins.size(); ++i) {
      const double p = 1 / (1 + std::exp(margins[i]));
      sum.value += std::log1p(std::exp(-std::fabs(margins[i]))) + std::max(0.0, -margins[i]);
      sum.gradient -= p * x_.row(i).transpose();
      const Eigen::VectorXf row = (std::sqrt(p * (1 - p)) * x_.row(i).transpose()).cast<float>();
      products.selfadjointView<Eigen::Lower>().rankUpdate(row);
    }
    sum.hessian = products.cast<double>();
    sum.hessian.diagonal().array() += ridge_;
    return sum;
  }

 private:
  Eigen::MatrixXd x_;
  double ridge_;
};

// 1 + the sum of ln cosh(x - 1, ..., n): from 0, each plain step of Newton is longer than the one before.
class Valley final : public ConvexFunction {
 public:
  explicit Valley(Eigen::Index size) : lowest_(Eigen::VectorXd::LinSpaced(size, 1, static_cast<double>(size))) {}
  Derivatives at(const Eigen::VectorXd& place) const override {
    const Eigen::ArrayXd x = (place - lowest_).array();
    return {1 + x.cosh().log().sum(), x.tanh().matrix(), x.cosh().inverse().square().matrix().asDiagonal()};
  }
  const Eigen::VectorXd& lowest() const { return lowest_; }

 private:
  Eigen::VectorXd lowest_;
};

// exp(-x), which has no minimum.
class Endless final : public ConvexFunction {
 public:
  Derivatives at(const Eigen::VectorXd& place) const override {
    const double value = std::exp(-place[0]);
    return {value, Eigen::VectorXd::Constant(1, -value), Eigen::MatrixXd::Constant(1, 1, value)};
  }
};

struct Listener final : Observer {
  std::uint64_t steps = 0;
  std::vector<std::string> warnings;

  void advance(std::uint64_t units) override { steps += units; }
  void warn(std::string_view message) override { warnings.emplace_back(message); }
};

}  // namespace

TEST_CASE("a minimum is found where plain steps of Newton lead away from it") {
  const Valley function(9);
  Listener listener;
  const Minimum lowest = minimise(function, Eigen::VectorXd::Zero(9), listener);
  CHECK(listener.warnings.empty());
  CHECK((lowest.at - function.lowest()).cwiseAbs().maxCoeff() < 1e-3);
}

TEST_CASE("a minimum has no slope, also with a rounded Hessian") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    for (const double ridge : {1e-3, 1.0}) {
      const Logistic function(400, 12, ridge, seed);
      Listener listener;
      const Minimum lowest = minimise(function, Eigen::VectorXd::Zero(12), listener);
      CAPTURE(seed, ridge, listener.steps);
      CHECK(listener.warnings.empty());
      CHECK(listener.steps < 40);
      const auto start = function.at(Eigen::VectorXd::Zero(12)), end = function.at(lowest.at);
      CHECK(end.value == lowest.value);
      CHECK(end.value < start.value);
      CHECK(end.gradient.norm() < 1e-4 * start.gradient.norm());
    }
  }
}

TEST_CASE("a search for a minimum from the minimum stays there") {
  const Logistic function(100, 3, 1, 4);
  const Eigen::VectorXd lowest = minimise(function, Eigen::VectorXd::Zero(3), Observer::none()).at;
  Listener listener;
  CHECK((minimise(function, lowest, listener).at - lowest).norm() < 1e-3 * lowest.norm());
  CHECK(listener.steps <= 3);
}

TEST_CASE("a search that does not reach a minimum warns") {
  Listener listener;
  minimise(Endless(), Eigen::VectorXd::Zero(1), listener);
  CHECK(listener.steps == 100);
  CHECK(listener.warnings ==
        std::vector<std::string>{"the weights are not the best: the fit has not ended after 100 steps"});
}
