#include "xmr/boost/logistic_fit.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <fmt/format.h>

#include "xmr/boost/logistic_loss.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::size_t kForms = 3;  // of a column: linear, bounded, missing
constexpr std::size_t kStepQueries = 128;
constexpr std::size_t kSampledCandidates = 65536;  // second derivatives come from these
constexpr int kMaxSteps = 40, kMaxHalvings = 12;
constexpr double kSmallGain = 1e-6;  // of the loss, as a share

// The centre and the scale of each column: mean and standard deviation of its numbers.
LogisticWeights standardised_columns(const LabelledEvidence& data, Parallel& parallel) {
  LogisticWeights weights;
  weights.of_columns.resize(data.evidence.columns);
  parallel.for_each(data.evidence.columns, [&](std::size_t column, unsigned) {
    double count = 0, sum = 0, squares = 0;
    const auto for_each = [&](const auto& use) {
      for (std::size_t i = column; i < data.evidence.values.size(); i += data.evidence.columns)
        if (!std::isnan(data.evidence.values[i])) use(static_cast<double>(data.evidence.values[i]));
    };
    for_each([&](double x) { count += 1, sum += x; });
    const double center = count > 0 ? sum / count : 0.0;
    for_each([&](double x) { squares += (x - center) * (x - center); });
    const double scale = count > 0 ? std::sqrt(squares / count) : 0.0;
    weights.of_columns[column].center = center;
    weights.of_columns[column].scale = scale > 1e-12 ? scale : 1.0;
  });
  return weights;
}

// Loss and derivatives of some candidates. The constant is the last weight.
struct Derivatives {
  double loss = 0;
  std::vector<double> gradient, hessian;  // lower triangle, by rows; empty: not wanted

  Derivatives(std::size_t size, bool with_hessian) : gradient(size), hessian(with_hessian ? size * size : 0) {}

  void add(const Derivatives& other) {
    loss += other.loss;
    std::ranges::transform(gradient, other.gradient, gradient.begin(), std::plus<>());
    std::ranges::transform(hessian, other.hessian, hessian.begin(), std::plus<>());
  }
};

class LogisticProblem {
 public:
  // `columns`: the center and scale of each, and the weights that others are shrunk to.
  LogisticProblem(const LabelledEvidence& data, const LogisticWeights& columns, double ridge, Parallel& parallel)
      : data_(data), columns_(columns), ridge_(ridge), parallel_(parallel), prior_(size()) {
    for (std::size_t column = 0; column < columns.columns(); ++column) {
      prior_[column * kForms] = columns.of_columns[column].linear;
      prior_[column * kForms + 1] = columns.of_columns[column].bounded;
      prior_[column * kForms + 2] = columns.of_columns[column].missing;
    }
    prior_.back() = columns.constant;
    // Every stride-th query is in the sample.
    stride_ = std::max<std::size_t>(1, data.candidates() / kSampledCandidates);
  }
  std::size_t size() const { return columns_.columns() * kForms + 1; }
  const std::vector<double>& prior() const { return prior_; }

  // Loss and gradient.
  Derivatives slope_at(std::span<const double> weights) const { return sum_up(weights, false, 1, 1); }
  // The sample's second derivatives, grown to the size of the whole.
  std::vector<double> hessian_at(std::span<const double> weights) const {
    return sum_up(weights, true, stride_, static_cast<double>(stride_)).hessian;
  }

 private:
  Derivatives sum_up(std::span<const double> weights, bool with_hessian, std::size_t stride, double factor) const {
    const std::size_t queries = (data_.number_of_queries() + stride - 1) / stride;
    const std::size_t block = with_hessian ? kStepQueries / 8 : kStepQueries;
    std::vector<Derivatives> blocks((queries + block - 1) / block, Derivatives(size(), with_hessian));
    parallel_.for_blocks(queries, block, [&](std::size_t begin, std::size_t end, unsigned) {
      std::vector<double> forms(size());
      for (std::size_t query = begin; query < end; ++query)
        for (std::uint64_t i = data_.queries[query * stride]; i < data_.queries[query * stride + 1]; ++i)
          add_candidate(i, weights, forms, factor, blocks[begin / block]);
    });
    Derivatives sum(size(), with_hessian);
    for (const Derivatives& of_block : blocks)
      sum.add(of_block);
    for (std::size_t i = 0; i + 1 < size(); ++i) {
      const double change = weights[i] - prior_[i];
      sum.loss += ridge_ / 2 * change * change;
      sum.gradient[i] += ridge_ * change;
      if (with_hessian) sum.hessian[i * size() + i] += ridge_;
    }
    return sum;
  }

  void add_candidate(std::uint64_t i, std::span<const double> weights, std::vector<double>& forms, double factor,
                     Derivatives& sum) const {
    const auto row = data_.evidence.row(i);
    for (std::size_t column = 0; column < row.size(); ++column) {
      const bool missing = std::isnan(row[column]);
      const double z = missing ? 0.0 : columns_.of_columns[column].standardised(row[column]);
      forms[column * kForms] = z;
      forms[column * kForms + 1] = z / (1 + std::fabs(z));
      forms[column * kForms + 2] = missing ? 1.0 : 0.0;
    }
    forms.back() = 1;
    double margin = data_.start(i);
    for (std::size_t k = 0; k < forms.size(); ++k)
      margin += forms[k] * weights[k];
    const double w = factor * static_cast<double>(data_.weight(i));
    const double y = data_.targets[i];
    const double p = sigmoid(margin);
    sum.loss += w * softplus(y > 0 ? -margin : margin);
    const double slope = w * (p - y), curvature = w * p * (1 - p);
    for (std::size_t k = 0; k < forms.size(); ++k)
      sum.gradient[k] += slope * forms[k];
    if (sum.hessian.empty()) return;
    for (std::size_t k = 0; k < forms.size(); ++k) {
      if (forms[k] == 0) continue;
      const double factor_k = curvature * forms[k];
      double* const line = sum.hessian.data() + k * forms.size();
      for (std::size_t j = 0; j <= k; ++j)
        line[j] += factor_k * forms[j];
    }
  }

  const LabelledEvidence& data_;
  const LogisticWeights& columns_;
  double ridge_;
  Parallel& parallel_;
  std::vector<double> prior_;
  std::size_t stride_;
};

std::vector<double> newton_step(const std::vector<double>& hessian, const std::vector<double>& gradient) {
  const auto size = static_cast<Eigen::Index>(gradient.size());
  // Rows of the lower triangle are columns of the upper one.
  const Eigen::Map<const Eigen::MatrixXd> matrix(hessian.data(), size, size);
  const Eigen::Map<const Eigen::VectorXd> right(gradient.data(), size);
  std::vector<double> solution(gradient.size());
  Eigen::Map<Eigen::VectorXd>(solution.data(), size) = matrix.selfadjointView<Eigen::Upper>().ldlt().solve(right);
  return solution;
}

void set_weights(LogisticWeights& result, std::span<const double> weights) {
  for (std::size_t column = 0; column < result.columns(); ++column) {
    result.of_columns[column].linear = weights[column * kForms];
    result.of_columns[column].bounded = weights[column * kForms + 1];
    result.of_columns[column].missing = weights[column * kForms + 2];
  }
  result.constant = weights.back();
}

}  // namespace

LogisticWeights fit_logistic(const LabelledEvidence& data, const LogisticOptions& options, Parallel& parallel) {
  check(data);
  if (!(options.ridge > 0 && options.ridge <= 1e9))
    throw ConfigError(fmt::format("ridge: {} is outside (0, 1e9]", options.ridge));
  if (options.prior != nullptr && options.prior->columns() != data.evidence.columns)
    throw ConfigError(
        fmt::format("prior: {} columns, the evidence has {}", options.prior->columns(), data.evidence.columns));
  LogisticWeights result = options.prior != nullptr ? *options.prior : standardised_columns(data, parallel);
  const LogisticProblem problem(data, result, options.ridge, parallel);
  std::vector<double> weights = problem.prior();
  const Phase phase(parallel.observer(), "fit weights", 0, "steps");
  Derivatives here = problem.slope_at(weights);
  for (int step = 0; step < kMaxSteps; ++step) {
    const std::vector<double> change = newton_step(problem.hessian_at(weights), here.gradient);
    const double before = here.loss;
    std::vector<double> tried(weights.size());
    double share = 1;
    for (int halving = 0; halving < kMaxHalvings; ++halving, share /= 2) {
      for (std::size_t i = 0; i < weights.size(); ++i)
        tried[i] = weights[i] - share * change[i];
      Derivatives there = problem.slope_at(tried);
      if (!(there.loss < here.loss)) continue;
      here = std::move(there);
      weights = tried;
      break;
    }
    parallel.observer().advance(1);
    if (!(before - here.loss > kSmallGain * before)) break;
  }
  set_weights(result, weights);
  return result;
}

}  // namespace xmr
