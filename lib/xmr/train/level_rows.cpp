#include "xmr/train/level_rows.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {

std::vector<LevelRows> LevelRows::push_up(CsrView y, const LabelTree& tree, Parallel& parallel,
                                          const RelevanceOptions& relevance) {
  assert(y.cols == tree.label_count() && y.rows <= std::numeric_limits<std::uint32_t>::max());
  std::vector<LevelRows> levels(tree.depth());
  levels.back() = of_labels({&y, 1}, tree, relevance.levels != Relevance::none);
  levels.back().normalize(y.rows, relevance.norm);
  for (std::size_t level = tree.depth() - 1; level > 0; --level) {
    if (relevance.levels == Relevance::induce) {
      levels[level - 1] = levels[level].of_parents_with_relevance(tree.offsets(level), parallel);
      levels[level - 1].normalize(y.rows, relevance.norm);
    } else {
      levels[level - 1] = levels[level].of_parents(tree.offsets(level), parallel);
    }
  }
  return levels;
}

// The transpose of the pieces with its columns in tree order.
LevelRows LevelRows::of_labels(std::span<const CsrView> pieces, const LabelTree& tree, bool with_relevance) {
  const std::vector<NodeId> node_of = tree.nodes_of_labels();
  LevelRows level;
  level.begin_.assign(tree.label_count() + std::size_t{1}, 0);
  for (const CsrView& y : pieces)
    for (const LabelId label : y.indices)
      ++level.begin_[node_of[label] + std::size_t{1}];
  std::partial_sum(level.begin_.begin(), level.begin_.end(), level.begin_.begin());
  level.rows_.resize(level.begin_.back());
  if (with_relevance) level.relevance_.resize(level.begin_.back());
  std::vector<Offset> next(level.begin_.begin(), level.begin_.end() - 1);
  std::uint32_t row = 0;
  for (const CsrView& y : pieces)
    for (Row of_piece = 0; of_piece < y.rows; ++of_piece, ++row)
      for (std::size_t i = 0; i < y.row(of_piece).size(); ++i) {
        const Offset place = next[node_of[y.row(of_piece).indices[i]]]++;
        level.rows_[place] = row;
        if (with_relevance) level.relevance_[place] = y.row(of_piece).values[i];
      }
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

LevelRows LevelRows::of_parents_with_relevance(std::span<const std::uint32_t> offsets, Parallel& parallel) const {
  LevelRows level = of_parents(offsets, parallel);
  level.relevance_.resize(level.rows_.size());
  constexpr std::size_t kBlock = 256;
  parallel.for_blocks(offsets.size() - 1, kBlock, [&](std::size_t first, std::size_t last, unsigned) {
    for (std::size_t parent = first; parent < last; ++parent) {
      const std::span<const std::uint32_t> rows = level.rows(static_cast<NodeId>(parent));
      // In the order of the children, so that the sums are the same every time.
      for (Offset i = begin_[offsets[parent]]; i < begin_[offsets[parent + 1]]; ++i) {
        const auto place = static_cast<Offset>(std::ranges::lower_bound(rows, rows_[i]) - rows.begin());
        float& sum = level.relevance_[level.begin_[parent] + place];
        sum += relevance_[i];
        if (!std::isfinite(sum))
          throw DataError("labels", fmt::format("row {}: the sum of their relevance overflows", rows_[i]),
                          "--relevance-norm makes it smaller");
      }
    }
  });
  return level;
}

// Divides the relevance of each row's nodes by its norm.
void LevelRows::normalize(std::uint64_t rows, Norm norm) {
  if (relevance_.empty() || norm == Norm::none) return;
  std::vector<double> size(rows);  // the square of no float overflows there, or becomes 0
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    double& of_row = size[rows_[i]];
    const double value = relevance_[i];
    of_row = norm == Norm::max ? std::max(of_row, value) : of_row + (norm == Norm::l2 ? value * value : value);
  }
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const double length = norm == Norm::l2 ? std::sqrt(size[rows_[i]]) : size[rows_[i]];
    relevance_[i] = static_cast<float>(double{relevance_[i]} / length);
  }
}

}  // namespace xmr
