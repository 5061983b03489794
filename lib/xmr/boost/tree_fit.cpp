#include "xmr/boost/tree_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "xmr/util/error.hpp"
#include "xmr/util/exp_log.hpp"

namespace xmr {
namespace {

void check_options(const TreeOptions& options) {
  if (options.trees > TreeOptions::kMaxTrees)
    throw ConfigError(fmt::format("trees: {} is above {}", options.trees, TreeOptions::kMaxTrees));
  if (options.patience == 0) throw ConfigError("patience: 0 trees, at least 1 is needed");
}

std::vector<double> starts_of(const LabelledEvidence& data) {
  std::vector<double> margins(data.candidates());
  for (std::size_t i = 0; i < margins.size(); ++i)
    margins[i] = data.start(i);
  return margins;
}

// ln of relevant by other candidates, by weight; of each class half a candidate more than there is.
GrownDecisionTree log_odds(const LabelledEvidence& data) {
  std::array<double, 2> sums = {0.5, 0.5};
  for (std::size_t i = 0; i < data.candidates(); ++i)
    sums[data.targets[i]] += static_cast<double>(data.weight(i));
  return {{}, {portable_log(sums[1]) - portable_log(sums[0])}};
}

// Margins of candidates that the trees are not fitted to.
class ValidationMargins {
 public:
  explicit ValidationMargins(const LabelledEvidence& data) : data_(data), margins_(starts_of(data)) {
    const std::size_t columns = data.evidence.columns;
    tiles_.resize((data.candidates() + kTileCandidates - 1) / kTileCandidates * kTileCandidates * columns);
    for (std::size_t i = 0; i < data.candidates(); ++i)
      for (std::size_t column = 0; column < columns; ++column)
        tiles_[(i / kTileCandidates * columns + column) * kTileCandidates + i % kTileCandidates] =
            data.evidence.row(i)[column];
  }

  // Adds a tree.
  void add(const BoostedTrees& trees, std::size_t tree, Parallel& parallel) {
    const std::size_t tile_size = data_.evidence.columns * kTileCandidates;
    parallel.for_blocks(margins_.size(), 64 * kTileCandidates, [&](std::size_t begin, std::size_t end, unsigned) {
      for (std::size_t first = begin; first < end; first += kTileCandidates) {
        std::array<float, kTileCandidates> sums{};
        const std::size_t count = std::min(kTileCandidates, end - first);
        trees.add_to(sums, count, std::span(tiles_).subspan(first / kTileCandidates * tile_size, tile_size), tree,
                     tree + 1);
        for (std::size_t i = 0; i < count; ++i)
          margins_[first + i] += static_cast<double>(sums[i]);
      }
    });
  }
  double loss(Objective objective, Parallel& parallel) const { return mean_loss(objective, data_, margins_, parallel); }

 private:
  const LabelledEvidence& data_;
  std::vector<double> margins_;
  std::vector<float> tiles_;
};

class Boosting {
 public:
  Boosting(const LabelledEvidence& data, const TreeOptions& options, Parallel& parallel)
      : data_(data),
        options_(options),
        parallel_(parallel),
        bins_(data, options.bins, parallel),
        unit_(options.objective == Objective::softmax ? 1.0 : weight_unit(data)),
        grower_(bins_, options.limits, unit_, parallel),
        margins_(starts_of(data)),
        slopes_(data.candidates()) {
    if (data.starts.empty() && options.objective == Objective::logistic) {
      const GrownDecisionTree constant = log_odds(data);
      trees_.append(constant, bins_);
      for (double& margin : margins_)
        margin += constant.values.front();
    }
  }

  const BoostedTrees& trees() const { return trees_; }

  void add_tree() {
    find_slopes(options_.objective, data_, margins_, unit_, slopes_, parallel_);
    const GrownDecisionTree tree = grower_.grow(slopes_);
    trees_.append(tree, bins_);
    parallel_.for_each(tree.values.size(), [&](std::size_t leaf, unsigned) {
      for (const std::uint32_t candidate : grower_.candidates(leaf))
        margins_[candidate] += tree.values[leaf];
    });
  }

 private:
  const LabelledEvidence& data_;
  const TreeOptions& options_;
  Parallel& parallel_;
  ColumnBins bins_;
  double unit_;
  TreeGrower grower_;
  std::vector<double> margins_;
  std::vector<Slopes> slopes_;
  BoostedTrees trees_;
};

// Adds trees until `patience` of them did not lower the validation loss; keeps those up to the lowest.
TreeFit boost_to_lowest(Boosting& boosting, const LabelledEvidence& validation, const TreeOptions& options,
                        Parallel& parallel) {
  ValidationMargins margins(validation);
  std::size_t best = boosting.trees().trees();
  for (std::size_t tree = 0; tree < best; ++tree)
    margins.add(boosting.trees(), tree, parallel);
  double lowest = margins.loss(options.objective, parallel);
  for (std::uint32_t tree = 0; tree < options.trees && boosting.trees().trees() < best + options.patience; ++tree) {
    boosting.add_tree();
    margins.add(boosting.trees(), boosting.trees().trees() - 1, parallel);
    const double reached = margins.loss(options.objective, parallel);
    if (reached < lowest) {
      lowest = reached;
      best = boosting.trees().trees();
    }
    parallel.observer().advance(1);
  }
  TreeFit fit{boosting.trees(), lowest};
  fit.trees.keep(best);
  return fit;
}

}  // namespace

TreeFit fit_trees(const LabelledEvidence& data, const LabelledEvidence* validation, const TreeOptions& options,
                  Parallel& parallel) {
  check_options(options);
  check(data);
  if (validation != nullptr) {
    check(*validation);
    if (validation->evidence.columns != data.evidence.columns)
      throw ConfigError(fmt::format("evidence: {} columns to fit, {} to validate", data.evidence.columns,
                                    validation->evidence.columns));
  }
  Boosting boosting(data, options, parallel);
  const Phase phase(parallel.observer(), "fit trees", options.trees, "trees");
  if (validation != nullptr) return boost_to_lowest(boosting, *validation, options, parallel);
  for (std::uint32_t tree = 0; tree < options.trees; ++tree) {
    boosting.add_tree();
    parallel.observer().advance(1);
  }
  return {boosting.trees(), 0};
}

}  // namespace xmr
