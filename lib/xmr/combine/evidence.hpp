#pragma once
// What the answer lists of one row say about a label, in numbers from which a logistic model can tell whether the label
// is relevant. For each list five, all 0 where the label is not in it; s is its score, s₁ the list's best:
//
//   listed     1
//   ratio      s / s₁; exp(s - s₁) where s₁ ≤ 0, because scores are logarithms then
//   score      s;      exp(s)
//   logarithm  ln s;   s
//   rank       -ln(rank)
//
// then for each pair of lists (1 and 2, 1 and 3, ... 2 and 3, ...) two, 0 unless both hold the label:
//
//   both       1
//   product    of the two ratios
//
// and last a constant 1. Ratios make lists comparable whatever their scores mean.
// Thread rule: one object a thread.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "xmr/sparse/csr.hpp"

namespace xmr {

inline constexpr std::size_t kListEvidence = 5, kPairEvidence = 2;

constexpr std::size_t pairs_of(std::size_t lists) {
  return lists * (lists - 1) / 2;
}
constexpr std::size_t evidence_of(std::size_t lists) {
  return kListEvidence * lists + kPairEvidence * pairs_of(lists) + 1;
}

// An answer of one list.
struct ListedAnswer {
  LabelId label;
  std::uint32_t list;
  std::uint32_t rank;  // from 1
  float score;
};

// The answers of several lists of the same row (each in rank order, no label twice), by label and then by list.
// Allocates nothing once it has grown.
class MergedLists {
 public:
  void merge(std::span<const SparseRow> lists);

  // Calls use(label, answers) for each label, in increasing order.
  template <class Use>
  void for_each_label(Use&& use) const {
    const std::span<const ListedAnswer> all(answers_);
    for (std::size_t begin = 0, end = 0; begin < all.size(); begin = end) {
      while (end < all.size() && all[end].label == all[begin].label)
        ++end;
      use(all[begin].label, all.subspan(begin, end - begin));
    }
  }

  // The evidence for the label of these answers; valid until the next call.
  std::span<const double> evidence(std::span<const ListedAnswer> answers);

 private:
  std::vector<ListedAnswer> answers_;
  std::vector<float> best_;  // score of each list
  std::vector<double> evidence_;
};

}  // namespace xmr
