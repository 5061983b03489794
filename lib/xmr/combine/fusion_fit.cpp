#include "xmr/combine/fusion_fit.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <fmt/format.h>

#include "xmr/sparse/predictions.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/exp_log.hpp"

namespace xmr {
namespace {

constexpr std::size_t kBlockRows = 256;
constexpr int kMaxSteps = 50;
constexpr double kSmallStep = 1e-7;
constexpr double kRidge = 1;  // of the weights, not of the bias

// Gradient and Hessian (its lower triangle, by columns) of the loss of some rows.
struct Derivatives {
  std::vector<double> gradient, hessian;
  std::uint64_t relevant = 0;

  explicit Derivatives(std::size_t size) : gradient(size), hessian(size * size) {}

  void add(std::span<const double> x, double p, bool is_true) {
    const double slope = p - (is_true ? 1 : 0), curvature = p * (1 - p);
    for (std::size_t column = 0; column < x.size(); ++column) {
      if (x[column] == 0) continue;
      gradient[column] += slope * x[column];
      for (std::size_t row = column; row < x.size(); ++row)
        hessian[column * x.size() + row] += curvature * x[column] * x[row];
    }
    relevant += is_true ? 1 : 0;
  }
  void add(const Derivatives& other) {
    std::ranges::transform(gradient, other.gradient, gradient.begin(), std::plus<>());
    std::ranges::transform(hessian, other.hessian, hessian.begin(), std::plus<>());
    relevant += other.relevant;
  }
  // Newton's step.
  std::vector<double> step() const {
    const auto size = static_cast<Eigen::Index>(gradient.size());
    const Eigen::Map<const Eigen::MatrixXd> matrix(hessian.data(), size, size);
    const Eigen::Map<const Eigen::VectorXd> right(gradient.data(), size);
    std::vector<double> solution(gradient.size());
    Eigen::Map<Eigen::VectorXd>(solution.data(), size) = matrix.selfadjointView<Eigen::Lower>().ldlt().solve(right);
    return solution;
  }
};

class Problem {
 public:
  Problem(std::span<const CsrView> lists, CsrView truth) : lists_(lists), truth_(truth) {
    for (const CsrView list : lists)
      if (list.rows != truth.rows || list.cols != truth.cols)
        throw DataError(fmt::format("predictions of {} rows and {} labels, the truth has {} and {}", list.rows,
                                    list.cols, truth.rows, truth.cols));
  }
  std::size_t size() const { return evidence_of(lists_.size()); }

  Derivatives at(std::span<const double> weights, Parallel& parallel) const {
    std::vector<Derivatives> blocks((truth_.rows + kBlockRows - 1) / kBlockRows, Derivatives(size()));
    parallel.for_blocks(truth_.rows, kBlockRows, [&](std::size_t begin, std::size_t end, unsigned) {
      MergedLists merged;
      std::vector<SparseRow> of_row;
      for (Row row = begin; row < end; ++row)
        add_row(row, weights, merged, of_row, blocks[begin / kBlockRows]);
    });
    Derivatives sum(size());
    for (std::size_t i = 0; i + 1 < size(); ++i) {
      sum.gradient[i] = kRidge * weights[i];
      sum.hessian[i * size() + i] = kRidge;
    }
    for (const Derivatives& block : blocks)
      sum.add(block);
    return sum;
  }

 private:
  void add_row(Row row, std::span<const double> weights, MergedLists& merged, std::vector<SparseRow>& of_row,
               Derivatives& sum) const {
    of_row.clear();
    for (const CsrView list : lists_)
      of_row.push_back(list.row(row));
    merged.merge(of_row);
    merged.for_each_label([&](LabelId label, std::span<const ListedAnswer> answers) {
      const std::span<const double> x = merged.evidence(answers);
      const double z = std::inner_product(x.begin(), x.end(), weights.begin(), 0.0);
      const auto p = static_cast<double>(1 / (1 + portable_exp(static_cast<float>(-z))));
      sum.add(x, p, is_relevant(truth_.row(row), label));
    });
  }

  std::span<const CsrView> lists_;
  CsrView truth_;
};

}  // namespace

FusionWeights fit_fusion(std::span<const CsrView> lists, CsrView truth, Parallel& parallel) {
  if (lists.empty()) throw ConfigError("fusion: there is no list");
  const Problem problem(lists, truth);
  std::vector<double> weights(problem.size());
  const Phase phase(parallel.observer(), "fit", 0, "steps");
  for (int step = 0; step < kMaxSteps; ++step) {
    const Derivatives here = problem.at(weights, parallel);
    if (here.relevant == 0) throw DataError("no list holds a relevant label");
    double largest = 0;
    const std::vector<double> change = here.step();
    for (std::size_t i = 0; i < weights.size(); ++i) {
      weights[i] -= change[i];
      largest = std::max(largest, std::fabs(change[i]));
    }
    parallel.observer().advance(1);
    if (largest < kSmallStep) break;
  }
  return {lists.size(), std::move(weights)};
}

}  // namespace xmr
