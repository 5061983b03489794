#pragma once
// Which rows are positive for each node of a tree: Y pushed up level by level. A row is positive for a node if it has a
// label below the node; rows of a node are in increasing order.
// 4 bytes a pair of row and node, plus 8 a node.
// Thread rule: const methods from any thread.

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/index/label_tree.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

class LevelRows {
 public:
  std::span<const std::uint32_t> rows(NodeId node) const {
    return std::span(rows_).subspan(begin_[node], begin_[node + 1] - begin_[node]);
  }

  // The rows that have each label: those of the pieces, one piece after another, each of tree.label_count() columns.
  static LevelRows of_labels(std::span<const CsrView> pieces, const LabelTree& tree);
  // Rows of either.
  static LevelRows united(const LevelRows& a, const LevelRows& b);

  // One object a level. `y` has tree.label_count() columns and at most 2^32-1 rows (asserted).
  static std::vector<LevelRows> push_up(CsrView y, const LabelTree& tree, Parallel& parallel);

 private:
  LevelRows of_parents(std::span<const std::uint32_t> offsets, Parallel& parallel) const;

  std::vector<Offset> begin_{0};  // nodes+1
  std::vector<std::uint32_t> rows_;
};

}  // namespace xmr
