#include "xmr/boost/tree_grower.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::size_t kGroupBins = kGroupColumns * kMaxBins;
constexpr std::size_t kMovedTogether = 16384;

void check_limits(const TreeLimits& limits) {
  if (limits.leaves < 1 || limits.leaves > kMaxLeaves)
    throw ConfigError(fmt::format("leaves: {} is outside 1..{}", limits.leaves, kMaxLeaves));
  if (limits.least_candidates < 1) throw ConfigError("candidates of a leaf: 0, at least 1 is needed");
  if (!(limits.l2 >= 0 && limits.l2 <= 1e9)) throw ConfigError(fmt::format("l2: {} is outside 0..1e9", limits.l2));
  if (!(limits.rate > 0 && limits.rate <= 1))
    throw ConfigError(fmt::format("learning rate: {} is outside (0, 1]", limits.rate));
}

}  // namespace

TreeGrower::TreeGrower(const ColumnBins& bins, const TreeLimits& limits, double unit, Parallel& parallel)
    : bins_(bins),
      limits_(limits),
      unit_(unit),
      parallel_(parallel),
      candidates_(bins.candidates()),
      moved_(bins.candidates()),
      found_(bins.groups()),
      other_found_(bins.groups()) {
  check_limits(limits);
  leaves_.reserve(limits.leaves);
  histograms_.resize(limits.leaves * bins.groups() * kGroupBins);
}

std::span<Slopes> TreeGrower::histogram(std::size_t place, std::size_t group) {
  return std::span(histograms_).subspan((place * bins_.groups() + group) * kGroupBins, kGroupBins);
}

// G² / (H + λ), in units of the weights.
double TreeGrower::share(const Slopes& sum) const {
  const double h = sum.second() + limits_.l2 / unit_;
  return h > 0 ? sum.first() * sum.first() / h : 0.0;
}

bool TreeGrower::may_split(const Leaf& leaf) const {
  return leaves_.size() < limits_.leaves && leaf.sum.count() / 2 >= limits_.least_candidates;
}

void TreeGrower::add_candidates(const Leaf& leaf, std::size_t group, std::span<const Slopes> slopes) {
  const std::span<Slopes> sums = histogram(leaf.histogram, group);
  std::ranges::fill(sums, Slopes{});
  const auto bins = bins_.group(group);
  Slopes* const first = sums.data();
  for (std::size_t i = leaf.begin; i < leaf.end; ++i) {
    const std::uint32_t candidate = candidates_[i];
    const Slopes add = slopes[candidate];
    const ColumnBins::Bins of = bins[candidate];
    for (std::size_t column = 0; column < kGroupColumns; ++column)
      first[column * kMaxBins + of[column]] += add;
  }
}

TreeGrower::Split TreeGrower::best_split(const Leaf& leaf, std::size_t group) {
  const std::span<const Slopes> sums = histogram(leaf.histogram, group);
  const double whole = share(leaf.sum);
  Split best;
  const std::size_t first = group * kGroupColumns, last = std::min(bins_.columns(), first + kGroupColumns);
  for (std::size_t column = first; column < last; ++column) {
    const std::span<const Slopes> of_column = sums.subspan((column - first) * kMaxBins, kMaxBins);
    Slopes left;
    for (std::size_t cut = 0; cut < bins_.cuts(column).size(); ++cut) {
      if (of_column[cut].count() == 0) continue;
      left += of_column[cut];
      if (left.count() < limits_.least_candidates) continue;
      Slopes right = leaf.sum;
      right -= left;
      if (right.count() < limits_.least_candidates) break;
      const double gain = share(left) + share(right) - whole;
      if (gain > best.gain) best = {gain, static_cast<std::uint32_t>(column), static_cast<std::uint32_t>(cut), left};
    }
  }
  return best;
}

// Moves the leaf's candidates that go left before the others; both stay increasing. Returns the end of the left ones.
std::size_t TreeGrower::partition(const Leaf& leaf) {
  const auto bins = bins_.group(leaf.best.column / kGroupColumns);
  const std::size_t column = leaf.best.column % kGroupColumns;
  const std::size_t size = leaf.end - leaf.begin;
  const std::size_t blocks = (size + kMovedTogether - 1) / kMovedTogether;
  std::vector<std::size_t> left(blocks + 1);
  const auto goes_left = [&](std::uint32_t candidate) { return bins[candidate][column] <= leaf.best.cut; };
  parallel_.for_blocks(size, kMovedTogether, [&](std::size_t begin, std::size_t end, unsigned) {
    std::size_t count = 0;
    for (std::size_t i = leaf.begin + begin; i < leaf.begin + end; ++i)
      count += goes_left(candidates_[i]) ? 1 : 0;
    left[begin / kMovedTogether + 1] = count;
  });
  std::partial_sum(left.begin(), left.end(), left.begin());
  const std::size_t middle = leaf.begin + left.back();
  parallel_.for_blocks(size, kMovedTogether, [&](std::size_t begin, std::size_t end, unsigned) {
    std::size_t at_left = leaf.begin + left[begin / kMovedTogether];
    std::size_t at_right = middle + begin - left[begin / kMovedTogether];
    for (std::size_t i = leaf.begin + begin; i < leaf.begin + end; ++i) {
      const std::uint32_t candidate = candidates_[i];
      moved_[goes_left(candidate) ? at_left++ : at_right++] = candidate;
    }
  });
  std::copy(moved_.begin() + static_cast<std::ptrdiff_t>(leaf.begin),
            moved_.begin() + static_cast<std::ptrdiff_t>(leaf.end),
            candidates_.begin() + static_cast<std::ptrdiff_t>(leaf.begin));
  return middle;
}

void TreeGrower::start(std::span<const Slopes> slopes) {
  std::iota(candidates_.begin(), candidates_.end(), 0U);
  leaves_.clear();
  Leaf root{0, candidates_.size(), 0, {}};
  for (const Slopes& slope : slopes)
    root.sum += slope;
  if (may_split(root)) {
    parallel_.for_each(bins_.groups(), [&](std::size_t group, unsigned) {
      add_candidates(root, group, slopes);
      found_[group] = best_split(root, group);
    });
    root.best = *std::ranges::max_element(found_, {}, &Split::gain);
  }
  leaves_.push_back(root);
}

void TreeGrower::split_leaf(std::size_t number, GrownDecisionTree& tree, std::span<const Slopes> slopes) {
  const Leaf leaf = leaves_[number];
  const std::size_t middle = partition(leaf);
  const auto split = static_cast<std::int32_t>(tree.splits.size());
  if (leaf.parent >= 0) (leaf.is_right ? tree.splits[leaf.parent].right : tree.splits[leaf.parent].left) = split;
  const auto other = static_cast<std::int32_t>(leaves_.size());
  tree.splits.push_back(
      {leaf.best.column, static_cast<std::uint8_t>(leaf.best.cut), ~static_cast<std::int32_t>(number), ~other});

  Leaf left{leaf.begin, middle, leaf.histogram, leaf.best.left, {}, split, false};
  Leaf right{middle, leaf.end, leaf.histogram, leaf.sum, {}, split, true};
  right.sum -= left.sum;
  Leaf& smaller = left.sum.count() <= right.sum.count() ? left : right;
  Leaf& larger = left.sum.count() <= right.sum.count() ? right : left;
  smaller.histogram = leaves_.size();
  leaves_.push_back({});
  const bool split_smaller = may_split(smaller), split_larger = may_split(larger);
  if (split_smaller || split_larger) {
    parallel_.for_each(bins_.groups(), [&](std::size_t group, unsigned) {
      add_candidates(smaller, group, slopes);
      const std::span<Slopes> rest = histogram(larger.histogram, group);
      const std::span<const Slopes> taken = histogram(smaller.histogram, group);
      for (std::size_t i = 0; i < rest.size(); ++i)
        rest[i] -= taken[i];
      if (split_smaller) found_[group] = best_split(smaller, group);
      if (split_larger) other_found_[group] = best_split(larger, group);
    });
    if (split_smaller) smaller.best = *std::ranges::max_element(found_, {}, &Split::gain);
    if (split_larger) larger.best = *std::ranges::max_element(other_found_, {}, &Split::gain);
  }
  leaves_[number] = left;
  leaves_.back() = right;
}

GrownDecisionTree TreeGrower::grow(std::span<const Slopes> slopes) {
  GrownDecisionTree tree;
  start(slopes);
  while (leaves_.size() < limits_.leaves) {
    const auto best = std::ranges::max_element(leaves_, {}, [](const Leaf& leaf) { return leaf.best.gain; });
    if (!(best->best.gain > 0)) break;
    split_leaf(static_cast<std::size_t>(best - leaves_.begin()), tree, slopes);
  }
  for (const Leaf& leaf : leaves_) {
    const double h = leaf.sum.second() + limits_.l2 / unit_;
    tree.values.push_back(h > 0 ? -limits_.rate * leaf.sum.first() / h : 0.0);
  }
  return tree;
}

}  // namespace xmr
