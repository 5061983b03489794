#include "xmr/boost/logistic_fit.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <Eigen/Core>
#include <fmt/format.h>

#include "xmr/util/damped_newton.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/logistic_loss.hpp"
#include "xmr/util/random.hpp"

namespace xmr {
namespace {

constexpr std::size_t kMaxBlocks = 64;  // each has its own sums
constexpr std::size_t kTileRows = 256;
// Second derivatives come from about so many candidates at most. Sampling changes the steps, not the lowest loss.
constexpr double kCurved = 131072;
constexpr std::uint64_t kSeed = 1;

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

// The loss of a margin at all weights: linear and bounded weights of all columns, weights of missing numbers, and the
// constant.
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

  Derivatives at(const Eigen::VectorXd& weights) const override {
    std::vector<double> curvatures(data_.candidates());
    Derivatives sum = slopes_at(weights, curvatures);
    sum.hessian = hessian_of(curvatures);
    return sum;
  }

  void set(LogisticWeights& result, const Eigen::VectorXd& weights) const {
    for (std::size_t column = 0; column < count_; ++column) {
      result.of_columns[column].linear = weights[column];
      result.of_columns[column].bounded = weights[count_ + column];
      result.of_columns[column].missing = weights[2 * count_ + column];
    }
    result.constant = weights[3 * count_];
  }

 private:
  // Some candidates, and their columns in all forms, a row a candidate.
  struct Tile {
    using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    Rows forms;
    std::vector<std::uint64_t> candidates;

    explicit Tile(Eigen::Index size) : forms(kTileRows, size) {}
    Eigen::Index rows() const { return static_cast<Eigen::Index>(candidates.size()); }
  };

  Eigen::Index size() const { return 3 * count_ + 1; }

  // The same blocks of queries for any number of threads.
  std::size_t block_size() const { return data_.number_of_queries() / kMaxBlocks + 1; }
  std::size_t number_of_blocks() const { return (data_.number_of_queries() + block_size() - 1) / block_size(); }

  // Calls use(block, tile) for tiles of all candidates that are kept.
  template <class Keep, class Use>
  void for_tiles(const Keep& is_kept, const Use& use) const {
    parallel_.for_blocks(data_.number_of_queries(), block_size(), [&](std::size_t begin, std::size_t end, unsigned) {
      Tile tile(size());
      const auto use_tile = [&] {
        for (Eigen::Index i = 0; i < tile.rows(); ++i)
          tell_forms(data_.evidence.row(tile.candidates[static_cast<std::size_t>(i)]), tile.forms.row(i).data());
        use(begin / block_size(), tile);
        tile.candidates.clear();
      };
      for (std::uint64_t i = data_.queries[begin]; i < data_.queries[end]; ++i) {
        if (!is_kept(i)) continue;
        tile.candidates.push_back(i);
        if (tile.candidates.size() == kTileRows) use_tile();
      }
      if (!tile.candidates.empty()) use_tile();
    });
  }

  // Returns value and gradient; sets the second derivative of each candidate's loss by its margin.
  Derivatives slopes_at(const Eigen::VectorXd& weights, std::span<double> curvatures) const {
    std::vector<Derivatives> blocks(number_of_blocks(), Derivatives{0, Eigen::VectorXd::Zero(size()), {}});
    const auto all = [](std::uint64_t) { return true; };
    for_tiles(all, [&](std::size_t block, const Tile& tile) {
      const Eigen::Index rows = tile.rows();
      const Eigen::VectorXd margins = tile.forms.topRows(rows) * weights;
      Eigen::VectorXd slopes(rows);
      for (Eigen::Index i = 0; i < rows; ++i) {
        const std::uint64_t candidate = tile.candidates[static_cast<std::size_t>(i)];
        const double margin = margins[i] + data_.start(candidate), p = sigmoid(margin);
        const auto w = static_cast<double>(data_.weight(candidate));
        blocks[block].value += w * softplus(data_.targets[candidate] > 0 ? -margin : margin);
        slopes[i] = w * (p - data_.targets[candidate]);
        curvatures[candidate] = w * p * (1 - p);
      }
      blocks[block].gradient.noalias() += tile.forms.topRows(rows).transpose() * slopes;
    });
    Eigen::VectorXd change = weights - prior_;
    change[size() - 1] = 0;  // the constant is not shrunk
    Derivatives sum{ridge_ / 2 * change.squaredNorm(), ridge_ * change, {}};
    for (const Derivatives& block : blocks) {
      sum.value += block.value;
      sum.gradient += block.gradient;
    }
    return sum;
  }

  // Draws a candidate of small curvature with a probability in proportion to it, and then gives it the weight of a
  // larger curvature, so that the sum is right on average.
  Eigen::MatrixXd hessian_of(std::span<const double> curvatures) const {
    const double least = std::accumulate(curvatures.begin(), curvatures.end(), 0.0) / kCurved;
    const auto is_kept = [&](std::uint64_t i) {
      return curvatures[i] >= least || Random(kSeed, i).uniform() * least < curvatures[i];
    };
    std::vector<Eigen::MatrixXd> blocks(number_of_blocks(), Eigen::MatrixXd::Zero(size(), size()));
    for_tiles(is_kept, [&](std::size_t block, const Tile& tile) {
      Eigen::MatrixXf roots(size(), tile.rows()), products = Eigen::MatrixXf::Zero(size(), size());
      for (Eigen::Index i = 0; i < tile.rows(); ++i) {
        const double curvature = curvatures[tile.candidates[static_cast<std::size_t>(i)]];
        roots.col(i) = (std::sqrt(std::max(curvature, least)) * tile.forms.row(i)).cast<float>();
      }
      products.selfadjointView<Eigen::Lower>().rankUpdate(roots);
      blocks[block] += products.cast<double>();
    });
    Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(size(), size());
    for (const Eigen::MatrixXd& block : blocks)
      sum += block;
    sum.diagonal().head(size() - 1).array() += ridge_;
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
