#pragma once
// The positive rows of each node of a tree: Y pushed up level by level. A row is positive for a node if it has a label
// below the node. The rows of a node increase. A positive row may have a relevance, from the weights in Y.
// Memory: 4 bytes a pair of row and node, 8 with relevance, plus 8 a node. Thread rule: const methods from any thread.

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/featurize/options.hpp"
#include "xmr/index/label_tree.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/enum_names.hpp"
#include "xmr/util/huge_pages.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// The levels whose positives have a relevance.
enum class Relevance {
  none,
  induce,  // all levels: the relevance of a node is the sum over its children
  last,    // the level of the labels
};
template <>
struct EnumNames<Relevance> {
  static constexpr EnumName<Relevance> kTable[] = {
      {Relevance::none, "none", "no level"},
      {Relevance::induce, "induce", "all levels, summed up from level to level"},
      {Relevance::last, "last", "the labels"},
  };
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

  // The relevance of each of rows(node). Empty: none.
  std::span<const float> relevance(NodeId node) const {
    if (relevance_.empty()) return {};
    return std::span(relevance_).subspan(begin_[node], begin_[node + 1] - begin_[node]);
  }

  std::uint64_t bytes() const {
    return HugePages<Offset>::bytes_of(begin_.size()) + HugePages<std::uint32_t>::bytes_of(rows_.size()) +
           HugePages<float>::bytes_of(relevance_.size());
  }

  // The rows of each label. `pieces` are blocks of rows that follow each other, each with tree.label_count() columns.
  static LevelRows of_labels(std::span<const CsrView> pieces, const LabelTree& tree, bool with_relevance = false);
  // The union of the rows, without relevance.
  static LevelRows united(const LevelRows& a, const LevelRows& b);

  // Returns one object a level. `y` has tree.label_count() columns and at most 2^32-1 rows (asserted). With relevance,
  // the values of `y` must be above 0. If a sum of them overflows, throws DataError.
  static std::vector<LevelRows> push_up(CsrView y, const LabelTree& tree, Parallel& parallel,
                                        const RelevanceOptions& relevance = {});

 private:
  // `rows`: the number of rows of the matrix.
  LevelRows of_parents(std::span<const std::uint32_t> offsets, std::uint64_t rows, Parallel& parallel) const;
  LevelRows of_parents_with_relevance(std::span<const std::uint32_t> offsets, std::uint64_t rows,
                                      Parallel& parallel) const;
  void normalize(std::uint64_t rows, Norm norm);

  HugeVector<Offset> begin_{0};  // nodes+1
  HugeVector<std::uint32_t> rows_;
  HugeVector<float> relevance_;  // of each of rows_, or empty
};

}  // namespace xmr
