#pragma once
// Evidence of the answer lists of one row for a label, as numbers for a logistic model of relevance. Each list gives
// five numbers, all 0 if it lacks the label; s is the label's score, s₁ the best score of the list:
//
//   listed     1
//   ratio      s / s₁; exp(s - s₁) if s₁ ≤ 0, because scores are logarithms then
//   score      s;      exp(s)
//   logarithm  ln s;   s
//   rank       -ln(rank)
//
// Each pair of lists (1 and 2, 1 and 3, ... 2 and 3, ...) gives two numbers, 0 unless both hold the label:
//
//   both       1
//   product    product of the two ratios
//
// The last number is 1. Ratios make lists with different scales comparable. Thread rule: one object a thread.

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

struct ListedAnswer {
  LabelId label;
  std::uint32_t list;
  std::uint32_t rank;  // counted from 1
  float score;
};

// Merges the answers of several lists of one row, by label and then by list. Each list is in rank order without
// repeated labels. Allocates only to grow.
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

  // Returns the evidence of these answers, valid until the next call.
  std::span<const double> evidence(std::span<const ListedAnswer> answers);

 private:
  std::vector<ListedAnswer> answers_;
  std::vector<float> best_;  // best score of each list
  std::vector<double> evidence_;
};

}  // namespace xmr
