#include "xmr/train/level_rows.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <limits>
#include <numeric>

namespace xmr {

std::vector<LevelRows> LevelRows::push_up(CsrView y, const LabelTree& tree, Parallel& parallel) {
  assert(y.cols == tree.label_count() && y.rows <= std::numeric_limits<std::uint32_t>::max());
  std::vector<LevelRows> levels(tree.depth());
  levels.back() = of_labels({&y, 1}, tree);
  for (std::size_t level = tree.depth() - 1; level > 0; --level)
    levels[level - 1] = levels[level].of_parents(tree.offsets(level), parallel);
  return levels;
}

// The transpose of the pieces with its columns in tree order.
LevelRows LevelRows::of_labels(std::span<const CsrView> pieces, const LabelTree& tree) {
  std::vector<NodeId> node_of(tree.label_count());
  for (NodeId node = 0; node < tree.label_count(); ++node)
    node_of[tree.labels()[node]] = node;
  LevelRows level;
  level.begin_.assign(tree.label_count() + std::size_t{1}, 0);
  for (const CsrView& y : pieces)
    for (const LabelId label : y.indices)
      ++level.begin_[node_of[label] + std::size_t{1}];
  std::partial_sum(level.begin_.begin(), level.begin_.end(), level.begin_.begin());
  level.rows_.resize(level.begin_.back());
  std::vector<Offset> next(level.begin_.begin(), level.begin_.end() - 1);
  std::uint32_t row = 0;
  for (const CsrView& y : pieces)
    for (Row of_piece = 0; of_piece < y.rows; ++of_piece, ++row)
      for (const LabelId label : y.row(of_piece).indices)
        level.rows_[next[node_of[label]]++] = row;
  return level;
}

LevelRows LevelRows::united(const LevelRows& a, const LevelRows& b) {
  assert(a.begin_.size() == b.begin_.size());
  LevelRows level;
  for (NodeId node = 0; node + std::size_t{1} < a.begin_.size(); ++node) {
    std::ranges::set_union(a.rows(node), b.rows(node), std::back_inserter(level.rows_));
    level.begin_.push_back(level.rows_.size());
  }
  return level;
}

LevelRows LevelRows::of_parents(std::span<const std::uint32_t> offsets, Parallel& parallel) const {
  const std::size_t parents = offsets.size() - 1;
  constexpr std::size_t kBlock = 256;
  std::vector<std::vector<std::uint32_t>> united(parents);
  parallel.for_blocks(parents, kBlock, [&](std::size_t first, std::size_t last, unsigned) {
    for (std::size_t parent = first; parent < last; ++parent) {
      const Offset begin = begin_[offsets[parent]], end = begin_[offsets[parent + 1]];
      std::vector<std::uint32_t>& rows = united[parent];
      rows.assign(rows_.data() + begin, rows_.data() + end);
      std::sort(rows.begin(), rows.end());
      rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    }
  });
  LevelRows level;
  level.begin_.reserve(parents + 1);
  for (std::vector<std::uint32_t>& rows : united) {
    level.rows_.insert(level.rows_.end(), rows.begin(), rows.end());
    level.begin_.push_back(level.rows_.size());
    rows = {};
  }
  return level;
}

}  // namespace xmr
