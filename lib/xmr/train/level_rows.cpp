#include "xmr/train/level_rows.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {
namespace {

// Sorts rows and removes duplicates. If the rows are many of all, sets a bit for each row instead of sorting.
class SortedRows {
 public:
  explicit SortedRows(std::uint64_t rows) : words_((rows + kBits - 1) / kBits) {}

  void sort(std::vector<std::uint32_t>& rows) {
    constexpr std::size_t kWordsOfOne = 16;  // words scanned in the time to sort one row
    if (rows.size() * kWordsOfOne < words_) {
      std::ranges::sort(rows);
      rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
      return;
    }
    bits_.resize(words_);
    for (const std::uint32_t row : rows)
      bits_[row / kBits] |= std::uint64_t{1} << row % kBits;
    rows.clear();
    for (std::size_t word = 0; word < bits_.size(); ++word)
      for (std::uint64_t left = std::exchange(bits_[word], 0); left != 0; left &= left - 1)
        rows.push_back(static_cast<std::uint32_t>(word * kBits) + static_cast<std::uint32_t>(std::countr_zero(left)));
  }

 private:
  static constexpr std::uint64_t kBits = 64;
  const std::size_t words_;
  std::vector<std::uint64_t> bits_;  // all zero between two calls
};

}  // namespace

std::vector<LevelRows> LevelRows::push_up(CsrView y, const LabelTree& tree, Parallel& parallel,
                                          const RelevanceOptions& relevance) {
  assert(y.cols == tree.label_count() && y.rows <= std::numeric_limits<std::uint32_t>::max());
  std::vector<LevelRows> levels(tree.depth());
  levels.back() = of_labels({&y, 1}, tree, relevance.levels != Relevance::none);
  levels.back().normalize(y.rows, relevance.norm);
  for (std::size_t level = tree.depth() - 1; level > 0; --level) {
    if (relevance.levels == Relevance::induce) {
      levels[level - 1] = levels[level].of_parents_with_relevance(tree.offsets(level), y.rows, parallel);
      levels[level - 1].normalize(y.rows, relevance.norm);
    } else {
      levels[level - 1] = levels[level].of_parents(tree.offsets(level), y.rows, parallel);
    }
  }
  return levels;
}

// The transpose of the pieces with its columns in tree order.
LevelRows LevelRows::of_labels(std::span<const CsrView> pieces, const LabelTree& tree, bool with_relevance) {
  const std::vector<NodeId> node_of = tree.nodes_of_labels();
  std::uint64_t entries = 0;
  for (const CsrView& y : pieces)
    entries += y.nnz();
  // The place of each entry. One loop of look-ups before the counting takes half the time (a million labels).
  HugeVector<NodeId> nodes;
  nodes.reserve(entries);
  for (const CsrView& y : pieces)
    for (const LabelId label : y.indices)
      nodes.push_back(node_of[label]);
  LevelRows level;
  level.begin_.assign(tree.label_count() + std::size_t{1}, 0);
  for (const NodeId node : nodes)
    ++level.begin_[node + std::size_t{1}];
  std::partial_sum(level.begin_.begin(), level.begin_.end(), level.begin_.begin());
  level.rows_.resize(entries);
  if (with_relevance) level.relevance_.resize(entries);
  HugeVector<Offset> next(level.begin_.begin(), level.begin_.end() - 1);
  std::uint32_t row = 0;
  std::size_t entry = 0;
  for (const CsrView& y : pieces)
    for (Row of_piece = 0; of_piece < y.rows; ++of_piece, ++row)
      for (const float relevance : y.row(of_piece).values) {
        const Offset place = next[nodes[entry++]]++;
        level.rows_[place] = row;
        if (with_relevance) level.relevance_[place] = relevance;
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

LevelRows LevelRows::of_parents(std::span<const std::uint32_t> offsets, std::uint64_t rows, Parallel& parallel) const {
  const std::size_t parents = offsets.size() - 1;
  constexpr std::size_t kBlock = 256;
  std::vector<std::vector<std::uint32_t>> united(parents);
  std::vector<SortedRows> sorted(parallel.threads(), SortedRows(rows));
  parallel.for_blocks(parents, kBlock, [&](std::size_t first, std::size_t last, unsigned worker) {
    for (std::size_t parent = first; parent < last; ++parent) {
      united[parent].assign(rows_.data() + begin_[offsets[parent]], rows_.data() + begin_[offsets[parent + 1]]);
      sorted[worker].sort(united[parent]);
    }
  });
  LevelRows level;
  level.begin_.reserve(parents + 1);
  for (const std::vector<std::uint32_t>& of_parent : united)
    level.begin_.push_back(level.begin_.back() + of_parent.size());
  level.rows_.reserve(level.begin_.back());
  for (std::vector<std::uint32_t>& of_parent : united) {
    level.rows_.insert(level.rows_.end(), of_parent.begin(), of_parent.end());
    of_parent = {};
  }
  return level;
}

LevelRows LevelRows::of_parents_with_relevance(std::span<const std::uint32_t> offsets, std::uint64_t rows,
                                               Parallel& parallel) const {
  LevelRows level = of_parents(offsets, rows, parallel);
  level.relevance_.resize(level.rows_.size());
  constexpr std::size_t kBlock = 256;
  parallel.for_blocks(offsets.size() - 1, kBlock, [&](std::size_t first, std::size_t last, unsigned) {
    for (std::size_t parent = first; parent < last; ++parent) {
      const std::span<const std::uint32_t> of_parent = level.rows(static_cast<NodeId>(parent));
      // In the order of the children: the order of a sum determines its bits.
      for (Offset i = begin_[offsets[parent]]; i < begin_[offsets[parent + 1]]; ++i) {
        const auto place = static_cast<Offset>(std::ranges::lower_bound(of_parent, rows_[i]) - of_parent.begin());
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

// Divides the relevances of each row by their norm.
void LevelRows::normalize(std::uint64_t rows, Norm norm) {
  if (relevance_.empty() || norm == Norm::none) return;
  std::vector<double> size(rows);  // as double the square of a float neither overflows nor becomes 0
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
