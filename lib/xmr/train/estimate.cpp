#include "xmr/train/estimate.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "xmr/train/copied_rows.hpp"
#include "xmr/train/level_rows.hpp"

namespace xmr {
namespace {

// See the header.
constexpr double kBytesOfFeature = 1.2;
constexpr double kNanosecondsOfEntry = 50;
constexpr std::uint64_t kProgram = std::uint64_t{8} << 20;
// Matcher-aware negatives: more rows, and all of them searched.
constexpr double kMatcherFactor = 4;

std::uint64_t entries(CsrView x, std::span<const std::uint32_t> rows) {
  std::uint64_t count = 0;
  for (const std::uint32_t row : rows)
    count += x.row(row).size();
  return count;
}

// Different features among so many entries, if all were as frequent.
double distinct(CsrView x, std::uint64_t entries) {
  const auto features = static_cast<double>(x.cols);
  return -features * std::expm1(-static_cast<double>(entries) / features);
}

std::uint64_t bytes_of(CsrView a) {
  return 8 * (a.nnz() + a.rows);
}

}  // namespace

std::uint64_t bytes_of_parent(CsrView x, std::uint64_t rows, std::uint64_t entries) {
  if (rows > x.rows / 2) return 94 * rows + 64 * x.cols;
  return 8 * entries + 94 * rows + 76 * std::min(x.cols, entries) + 3 * x.cols / 2;
}

double features_of(CsrView x, std::span<const std::span<const std::uint32_t>> positives) {
  double features = 0;
  for (const std::span<const std::uint32_t> rows : positives)
    features += distinct(x, entries(x, rows));
  return features;
}

std::uint64_t bytes_of_collecting(double features) {
  constexpr double kBytes = 12;  // of a kept weight (kept_weights.hpp); with the chunk that of those that are kept
  return static_cast<std::uint64_t>(kBytes * features);
}

// A value each, and about as much for its place in the chunk.
std::uint64_t bytes_of_chunk(double features, WeightType type) {
  return static_cast<std::uint64_t>(kBytesOfFeature * features * (size_of(type) + 2) / 4);
}

TrainEstimate estimate_training(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options,
                                Parallel& parallel) {
  const std::vector<LevelRows> levels = LevelRows::push_up(y, tree, parallel, options.relevance);
  std::uint64_t pairs = 0;
  double nanoseconds = 0, features = 0;
  std::vector<std::uint64_t> parents;  // bytes of each
  for (std::size_t level = 0; level < tree.depth(); ++level) {
    double visited = 0;
    for (NodeId parent = 0; parent < tree.parents(level); ++parent) {
      const std::uint64_t rows = level == 0 ? x.rows : levels[level - 1].rows(parent).size();
      const std::uint64_t of_parent = level == 0 ? x.nnz() : entries(x, levels[level - 1].rows(parent));
      const std::uint64_t groups = (tree.children(level, parent).size() + kLanes - 1) / kLanes;
      visited += static_cast<double>(of_parent * groups);
      // Groups of a parent in place are solved by as many threads.
      const std::uint64_t at_once = rows > x.rows / 2 ? std::max<std::uint64_t>(1, groups) : 1;
      parents.insert(parents.end(), std::min<std::uint64_t>(at_once, parallel.threads()),
                     bytes_of_parent(x, rows, of_parent));
      for (const NodeId node : tree.children(level, parent)) {
        features += distinct(x, entries(x, levels[level].rows(node)));
        pairs += levels[level].rows(node).size();
      }
    }
    const bool matches = level > 0 && options.of(level).negatives.matcher;
    nanoseconds += visited * kNanosecondsOfEntry * (matches ? kMatcherFactor : 1);
  }
  const std::size_t at_once = std::min<std::size_t>(parallel.threads(), parents.size());
  std::ranges::partial_sort(parents, parents.begin() + static_cast<std::ptrdiff_t>(at_once), std::greater<>());
  const std::uint64_t weights = bytes_of_chunk(features, options.of(0).keep.type);
  const std::uint64_t pair_bytes = options.relevance.levels == Relevance::none ? 4 : 8;
  TrainEstimate estimate;
  estimate.model_bytes = weights + 4 * std::uint64_t{tree.label_count()};
  estimate.memory_bytes =
      kProgram + bytes_of(x) + CopiedRows::bytes_of(x) + bytes_of(y) + estimate.model_bytes + pair_bytes * pairs +
      12 * x.rows +
      std::accumulate(parents.begin(), parents.begin() + static_cast<std::ptrdiff_t>(at_once), std::uint64_t{0});
  estimate.seconds = nanoseconds / 1e9 / parallel.threads();
  return estimate;
}

}  // namespace xmr
