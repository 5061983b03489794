#include "xmr/boost/logistic_fit.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include <Eigen/Core>
#include <fmt/format.h>

#include "xmr/util/damped_newton.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/logistic_loss.hpp"

namespace xmr {
namespace {

constexpr std::size_t kMaxBlocks = 64;  // each has its own sums
constexpr std::size_t kTileRows = 256;
// Candidates whose loss is flatter have no part in second derivatives. That changes a step, not the lowest loss.
constexpr double kSmallCurvature = 1e-4;

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

// Loss and derivatives of some candidates. The weights: linear and bounded weights of all columns, weights of missing
// numbers, and the constant.
struct Derivatives {
  double loss = 0;
  Eigen::VectorXd gradient;
  Eigen::MatrixXd hessian;  // lower triangle; empty: not wanted

  Derivatives(Eigen::Index size, bool with_hessian)
      : gradient(Eigen::VectorXd::Zero(size)),
        hessian(with_hessian ? Eigen::MatrixXd::Zero(size, size) : Eigen::MatrixXd()) {}

  void add(const Derivatives& other) {
    loss += other.loss;
    gradient += other.gradient;
    if (hessian.size() > 0) hessian += other.hessian;
  }
};

class LogisticProblem final : public ConvexFunction {
 public:
  // `columns`: the center and scale of each, and the weights that others are shrunk to.
  LogisticProblem(const LabelledEvidence& data, const LogisticWeights& columns, double ridge, Parallel& parallel)
      : data_(data),
        columns_(columns.of_columns),
        count_(columns_.size()),
        ridge_(ridge),
        parallel_(parallel),
        prior_(size()) {
    for (std::size_t column = 0; column < count_; ++column) {
      prior_[column] = columns_[column].linear;
      prior_[count_ + column] = columns_[column].bounded;
      prior_[2 * count_ + column] = columns_[column].missing;
    }
    prior_[3 * count_] = columns.constant;
  }
  const Eigen::VectorXd& prior() const { return prior_; }

  Slope slope_at(const Eigen::VectorXd& weights) const override {
    Derivatives sum = sum_up(weights, false);
    return {sum.loss, std::move(sum.gradient)};
  }
  Eigen::MatrixXd hessian_at(const Eigen::VectorXd& weights) const override { return sum_up(weights, true).hessian; }

  void set(LogisticWeights& result, const Eigen::VectorXd& weights) const {
    for (std::size_t column = 0; column < count_; ++column) {
      result.of_columns[column].linear = weights[column];
      result.of_columns[column].bounded = weights[count_ + column];
      result.of_columns[column].missing = weights[2 * count_ + column];
    }
    result.constant = weights[3 * count_];
  }

 private:
  // The columns of some candidates in their forms, a row a candidate.
  struct Tile {
    using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    Rows forms;
    std::vector<std::uint64_t> candidates;
    Eigen::VectorXd margins, slopes;
    // Rows times the root of the second derivative of their loss, and the sum of their products.
    Eigen::MatrixXf curved, products;

    explicit Tile(Eigen::Index size)
        : forms(kTileRows, size),
          margins(kTileRows),
          slopes(kTileRows),
          curved(size, kTileRows),
          products(size, size) {}
  };

  Eigen::Index size() const { return 3 * count_ + 1; }

  Derivatives sum_up(const Eigen::VectorXd& weights, bool with_hessian) const {
    const std::size_t queries = data_.number_of_queries();
    const std::size_t block = queries / kMaxBlocks + 1;
    std::vector<Derivatives> blocks((queries + block - 1) / block, Derivatives(size(), with_hessian));
    parallel_.for_blocks(queries, block, [&](std::size_t begin, std::size_t end, unsigned) {
      Tile tile(size());
      Derivatives& sum = blocks[begin / block];
      for (std::size_t query = begin; query < end; ++query)
        for (std::uint64_t i = data_.queries[query]; i < data_.queries[query + 1]; ++i) {
          tile.candidates.push_back(i);
          if (tile.candidates.size() == kTileRows) add_tile(weights, tile, sum);
        }
      add_tile(weights, tile, sum);
    });
    Derivatives sum(size(), with_hessian);
    for (const Derivatives& of_block : blocks)
      sum.add(of_block);
    Eigen::VectorXd change = weights - prior_;
    change[size() - 1] = 0;  // the constant is not shrunk
    sum.loss += ridge_ / 2 * change.squaredNorm();
    sum.gradient += ridge_ * change;
    if (with_hessian) sum.hessian.diagonal().head(size() - 1).array() += ridge_;
    return sum;
  }

  // Writes a line of forms.
  void tell_forms(std::span<const float> row, double* line) const {
    double* const bounded = line + count_;
    double* const missing = bounded + count_;
    for (std::size_t column = 0; column < count_; ++column) {
      const double z = columns_[column].standardised(row[column]);
      const bool is_missing = std::isnan(row[column]);
      line[column] = is_missing ? 0.0 : z;
      bounded[column] = is_missing ? 0.0 : z / (1 + std::fabs(z));
      missing[column] = is_missing ? 1.0 : 0.0;
    }
    missing[count_] = 1;
  }

  // Adds the candidates of a tile and empties it.
  void add_tile(const Eigen::VectorXd& weights, Tile& tile, Derivatives& sum) const {
    const auto rows = static_cast<Eigen::Index>(tile.candidates.size());
    for (Eigen::Index i = 0; i < rows; ++i)
      tell_forms(data_.evidence.row(tile.candidates[i]), tile.forms.row(i).data());
    tile.margins.head(rows).noalias() = tile.forms.topRows(rows) * weights;
    Eigen::Index curved = 0;
    for (Eigen::Index i = 0; i < rows; ++i) {
      const std::uint64_t candidate = tile.candidates[i];
      const double margin = data_.start(candidate) + tile.margins[i], p = sigmoid(margin);
      const auto w = static_cast<double>(data_.weight(candidate));
      sum.loss += w * softplus(data_.targets[candidate] > 0 ? -margin : margin);
      tile.slopes[i] = w * (p - data_.targets[candidate]);
      if (const double curvature = p * (1 - p); sum.hessian.size() > 0 && curvature > kSmallCurvature)
        tile.curved.col(curved++) = (std::sqrt(w * curvature) * tile.forms.row(i)).cast<float>();
    }
    sum.gradient.noalias() += tile.forms.topRows(rows).transpose() * tile.slopes.head(rows);
    if (curved > 0) {
      tile.products.setZero();
      tile.products.selfadjointView<Eigen::Lower>().rankUpdate(tile.curved.leftCols(curved));
      sum.hessian += tile.products.cast<double>();
    }
    tile.candidates.clear();
  }

  const LabelledEvidence& data_;
  std::span<const ColumnWeights> columns_;
  std::size_t count_;  // of columns
  double ridge_;
  Parallel& parallel_;
  Eigen::VectorXd prior_;
};

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
  const Phase phase(parallel.observer(), "fit weights", 0, "steps");
  problem.set(result, minimise(problem, problem.prior(), parallel.observer()).at);
  return result;
}

}  // namespace xmr
