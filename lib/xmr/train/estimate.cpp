#include "xmr/train/estimate.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <vector>

#include "xmr/train/copied_rows.hpp"
#include "xmr/train/cost_model.hpp"
#include "xmr/train/level_rows.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kProgram = std::uint64_t{8} << 20;
// Matcher-aware negatives add rows, and all rows are searched.
constexpr double kMatcherFactor = 4;

std::uint64_t bytes_of(CsrView a) {
  return 8 * (a.nnz() + a.rows);
}

}  // namespace

TrainEstimate estimate_training(CsrView x, CsrView y, const LabelTree& tree, const TrainOptions& options,
                                Parallel& parallel) {
  const std::vector<LevelRows> levels = LevelRows::push_up(y, tree, parallel, options.relevance);
  std::uint64_t pairs = 0;
  double cost = 0, features = 0;
  std::vector<std::uint64_t> parents;  // the bytes of each
  for (std::size_t level = 0; level < tree.depth(); ++level) {
    double cost_of_level = 0;
    for (NodeId parent = 0; parent < tree.parents(level); ++parent) {
      const std::uint64_t rows = level == 0 ? x.rows : levels[level - 1].rows(parent).size();
      const std::uint64_t of_parent = level == 0 ? x.nnz() : entries_of(x, levels[level - 1].rows(parent));
      const std::uint64_t groups = (tree.children(level, parent).size() + kLanes - 1) / kLanes;
      cost_of_level += static_cast<double>(solve_cost(rows, of_parent, groups));
      // Each group of a parent in place has its own thread.
      const std::uint64_t at_once = is_solved_in_place(rows, x.rows) ? std::max<std::uint64_t>(1, groups) : 1;
      parents.insert(parents.end(), std::min<std::uint64_t>(at_once, parallel.threads()),
                     bytes_of_parent(x, rows, of_parent));
      for (const NodeId node : tree.children(level, parent)) {
        features += distinct_features(x, entries_of(x, levels[level].rows(node)));
        pairs += levels[level].rows(node).size();
      }
    }
    const bool matches = level > 0 && options.of(level).negatives.matcher;
    cost += cost_of_level * (matches ? kMatcherFactor : 1);
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
  estimate.seconds = seconds_of_cost(cost) / parallel.threads();
  return estimate;
}

}  // namespace xmr
