#pragma once
// Which rows are positive for each node of a tree: Y pushed up level by level. A row is positive for a node if it has a
// label below the node; rows of a node are in increasing order. If wanted, with the relevance of each: the weights in
// Y. 4 bytes a pair of row and node, 8 with relevance, plus 8 a node. Thread rule: const methods from any thread.

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/featurize/options.hpp"
#include "xmr/index/label_tree.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/huge_pages.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// Which levels know how relevant their positives are.
enum class Relevance {
  none,
  induce,  // all: the relevance of a node is the sum of that of its children
  last,    // the labels
};

struct RelevanceOptions {
  Relevance levels = Relevance::none;
  Norm norm = Norm::none;  // of the relevance of a row in each level
};

class LevelRows {
 public:
  std::span<const std::uint32_t> rows(NodeId node) const {
    return std::span(rows_).subspan(begin_[node], begin_[node + 1] - begin_[node]);
  }

  // Of rows(node), if it is known, else empty.
  std::span<const float> relevance(NodeId node) const {
    if (relevance_.empty()) return {};
    return std::span(relevance_).subspan(begin_[node], begin_[node + 1] - begin_[node]);
  }

  std::uint64_t bytes() const {
    return HugePages<Offset>::bytes_of(begin_.size()) + HugePages<std::uint32_t>::bytes_of(rows_.size()) +
           HugePages<float>::bytes_of(relevance_.size());
  }

  // The rows that have each label: those of the pieces, one piece after another, each of tree.label_count() columns.
  static LevelRows of_labels(std::span<const CsrView> pieces, const LabelTree& tree, bool with_relevance = false);
  // Rows of either, without relevance.
  static LevelRows united(const LevelRows& a, const LevelRows& b);

  // One object a level. `y` has tree.label_count() columns and at most 2^32-1 rows (asserted).
  // With relevance, the values of `y` must be above 0; DataError for sums of them that overflow.
  static std::vector<LevelRows> push_up(CsrView y, const LabelTree& tree, Parallel& parallel,
                                        const RelevanceOptions& relevance = {});

 private:
  // `rows`: of the whole matrix.
  LevelRows of_parents(std::span<const std::uint32_t> offsets, std::uint64_t rows, Parallel& parallel) const;
  LevelRows of_parents_with_relevance(std::span<const std::uint32_t> offsets, std::uint64_t rows,
                                      Parallel& parallel) const;
  void normalize(std::uint64_t rows, Norm norm);

  HugeVector<Offset> begin_{0};  // nodes+1
  HugeVector<std::uint32_t> rows_;
  HugeVector<float> relevance_;  // of each of them, or empty
};

}  // namespace xmr
