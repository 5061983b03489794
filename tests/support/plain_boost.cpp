#include "support/plain_boost.hpp"

#include <algorithm>

namespace xmr::test {
namespace {

struct Leaf {
  std::vector<std::size_t> candidates;
  std::int32_t parent = -1;
  bool is_right = false;
};

Slopes sum_of(const std::vector<std::size_t>& candidates, std::span<const Slopes> slopes) {
  Slopes sum;
  for (const std::size_t candidate : candidates)
    sum += slopes[candidate];
  return sum;
}

}  // namespace

GrownDecisionTree plain_tree(const ColumnBins& bins, const TreeLimits& limits, double unit,
                             std::span<const Slopes> slopes) {
  const auto share = [&](const Slopes& sum) {
    const double h = sum.second() + limits.l2 / unit;
    return h > 0 ? sum.first() * sum.first() / h : 0.0;
  };
  GrownDecisionTree tree;
  std::vector<Leaf> leaves(1);
  for (std::size_t i = 0; i < bins.candidates(); ++i)
    leaves[0].candidates.push_back(i);
  while (leaves.size() < limits.leaves) {
    double best_gain = 0;
    std::size_t best_leaf = 0, best_column = 0, best_cut = 0;
    for (std::size_t leaf = 0; leaf < leaves.size(); ++leaf)
      for (std::size_t column = 0; column < bins.columns(); ++column)
        for (std::size_t cut = 0; cut < bins.cuts(column).size(); ++cut) {
          std::vector<std::size_t> left, right;
          for (const std::size_t candidate : leaves[leaf].candidates)
            (bins.bin(candidate, column) <= cut ? left : right).push_back(candidate);
          if (left.size() < limits.least_candidates || right.size() < limits.least_candidates) continue;
          const double gain = share(sum_of(left, slopes)) + share(sum_of(right, slopes)) -
                              share(sum_of(leaves[leaf].candidates, slopes));
          if (!(gain > best_gain)) continue;
          best_gain = gain, best_leaf = leaf, best_column = column, best_cut = cut;
        }
    if (best_gain == 0) break;
    Leaf& leaf = leaves[best_leaf];
    const auto split = static_cast<std::int32_t>(tree.splits.size());
    if (leaf.parent >= 0) (leaf.is_right ? tree.splits[leaf.parent].right : tree.splits[leaf.parent].left) = split;
    tree.splits.push_back({static_cast<std::uint32_t>(best_column), static_cast<std::uint8_t>(best_cut),
                           ~static_cast<std::int32_t>(best_leaf), ~static_cast<std::int32_t>(leaves.size())});
    Leaf left{{}, split, false}, right{{}, split, true};
    for (const std::size_t candidate : leaf.candidates)
      (bins.bin(candidate, best_column) <= best_cut ? left : right).candidates.push_back(candidate);
    leaf = left;
    leaves.push_back(right);
  }
  for (const Leaf& leaf : leaves) {
    const Slopes sum = sum_of(leaf.candidates, slopes);
    const double h = sum.second() + limits.l2 / unit;
    tree.values.push_back(h > 0 ? -limits.rate * sum.first() / h : 0.0);
  }
  return tree;
}

std::size_t plain_leaf(const GrownDecisionTree& tree, const ColumnBins& bins, std::span<const float> row) {
  std::int32_t node = tree.splits.empty() ? ~0 : 0;
  while (node >= 0) {
    const GrownSplit& split = tree.splits[node];
    node = row[split.column] > bins.cuts(split.column)[split.cut] ? split.right : split.left;
  }
  return static_cast<std::size_t>(~node);
}

}  // namespace xmr::test
