#include "xmr/combine/fusion_fit.hpp"

#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include <Eigen/Core>
#include <fmt/format.h>

#include "xmr/sparse/predictions.hpp"
#include "xmr/util/damped_newton.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/logistic_loss.hpp"

namespace xmr {
namespace {

constexpr std::size_t kBlockRows = 256;
constexpr double kRidge = 1;  // of the weights, not of the bias

// Loss, derivatives and relevant labels of some rows.
struct Sums {
  ConvexFunction::Derivatives loss;
  std::uint64_t relevant = 0;

  explicit Sums(Eigen::Index size) : loss{0, Eigen::VectorXd::Zero(size), Eigen::MatrixXd::Zero(size, size)} {}

  void add(std::span<const double> x, double margin, bool is_true) {
    const double p = sigmoid(margin), slope = p - (is_true ? 1 : 0), curvature = p * (1 - p);
    loss.value += softplus(is_true ? -margin : margin);
    for (std::size_t column = 0; column < x.size(); ++column) {
      if (x[column] == 0) continue;
      const auto c = static_cast<Eigen::Index>(column);
      loss.gradient[c] += slope * x[column];
      for (std::size_t row = column; row < x.size(); ++row)
        loss.hessian(static_cast<Eigen::Index>(row), c) += curvature * x[column] * x[row];
    }
    relevant += is_true ? 1 : 0;
  }
  void add(const Sums& other) {
    loss.value += other.loss.value;
    loss.gradient += other.loss.gradient;
    loss.hessian += other.loss.hessian;
    relevant += other.relevant;
  }
};

class Problem final : public ConvexFunction {
 public:
  Problem(std::span<const CsrView> lists, CsrView truth, Parallel& parallel)
      : lists_(lists), truth_(truth), parallel_(parallel) {
    for (const CsrView list : lists)
      if (list.rows != truth.rows || list.cols != truth.cols)
        throw DataError(fmt::format("predictions of {} rows and {} labels, the truth has {} and {}", list.rows,
                                    list.cols, truth.rows, truth.cols));
  }
  Eigen::VectorXd start() const { return Eigen::VectorXd::Zero(size()); }

  Derivatives at(const Eigen::VectorXd& weights) const override {
    std::vector<Sums> blocks((truth_.rows + kBlockRows - 1) / kBlockRows, Sums(size()));
    parallel_.for_blocks(truth_.rows, kBlockRows, [&](std::size_t begin, std::size_t end, unsigned) {
      MergedLists merged;
      std::vector<SparseRow> of_row;
      for (Row row = begin; row < end; ++row)
        add_row(row, {weights.data(), evidence_of(lists_.size())}, merged, of_row, blocks[begin / kBlockRows]);
    });
    Sums sum(size());
    for (const Sums& block : blocks)
      sum.add(block);
    if (sum.relevant == 0) throw DataError("no list holds a relevant label");
    const Eigen::Index shrunk = size() - 1;
    sum.loss.value += kRidge / 2 * weights.head(shrunk).squaredNorm();
    sum.loss.gradient.head(shrunk) += kRidge * weights.head(shrunk);
    sum.loss.hessian.diagonal().head(shrunk).array() += kRidge;
    return std::move(sum.loss);
  }

 private:
  Eigen::Index size() const { return static_cast<Eigen::Index>(evidence_of(lists_.size())); }
  void add_row(Row row, std::span<const double> weights, MergedLists& merged, std::vector<SparseRow>& of_row,
               Sums& sum) const {
    of_row.clear();
    for (const CsrView list : lists_)
      of_row.push_back(list.row(row));
    merged.merge(of_row);
    merged.for_each_label([&](LabelId label, std::span<const ListedAnswer> answers) {
      const std::span<const double> x = merged.evidence(answers);
      sum.add(x, std::inner_product(x.begin(), x.end(), weights.begin(), 0.0), is_relevant(truth_.row(row), label));
    });
  }

  std::span<const CsrView> lists_;
  CsrView truth_;
  Parallel& parallel_;
};

}  // namespace

FusionWeights fit_fusion(std::span<const CsrView> lists, CsrView truth, Parallel& parallel) {
  if (lists.empty()) throw ConfigError("fusion: there is no list");
  const Problem problem(lists, truth, parallel);
  const Phase phase(parallel.observer(), "fit", 0, "steps");
  const Eigen::VectorXd weights = minimise(problem, problem.start(), parallel.observer()).at;
  return {lists.size(), {weights.begin(), weights.end()}};
}

}  // namespace xmr
