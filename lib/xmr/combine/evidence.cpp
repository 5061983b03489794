#include "xmr/combine/evidence.hpp"

#include <algorithm>
#include <cmath>

#include "xmr/util/exp_log.hpp"

namespace xmr {
namespace {

constexpr float kLowest = 1e-6F;  // lower scores count as this one

std::array<double, kListEvidence> list_evidence(const ListedAnswer& answer, float best) {
  const double rank = -std::log(static_cast<double>(answer.rank));
  const auto score = static_cast<double>(answer.score);
  if (best > 0) {
    const auto logarithm = std::log(static_cast<double>(std::max(answer.score, kLowest)));
    return {1, score / static_cast<double>(best), score, logarithm, rank};
  }
  const auto exponential = [](float power) { return static_cast<double>(portable_exp(power)); };
  return {1, exponential(answer.score - best), exponential(answer.score), score, rank};
}

}  // namespace

void MergedLists::merge(std::span<const SparseRow> lists) {
  answers_.clear();
  best_.clear();
  for (std::uint32_t list = 0; list < lists.size(); ++list) {
    best_.push_back(lists[list].size() == 0 ? 0 : lists[list].values.front());
    for (std::uint32_t i = 0; i < lists[list].size(); ++i)
      answers_.push_back({lists[list].indices[i], list, i + 1, lists[list].values[i]});
  }
  std::ranges::sort(answers_, [](const ListedAnswer& a, const ListedAnswer& b) {
    return a.label != b.label ? a.label < b.label : a.list < b.list;
  });
}

std::span<const double> MergedLists::evidence(std::span<const ListedAnswer> answers) {
  const std::size_t lists = best_.size();
  evidence_.assign(evidence_of(lists), 0);
  evidence_.back() = 1;
  const auto ratio = [this](std::size_t list) { return evidence_[list * kListEvidence + 1]; };
  for (const ListedAnswer& answer : answers)
    std::ranges::copy(list_evidence(answer, best_[answer.list]), evidence_.data() + answer.list * kListEvidence);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    for (std::size_t j = i + 1; j < answers.size(); ++j) {
      const std::size_t first = answers[i].list, second = answers[j].list;
      const std::size_t pair = pairs_of(lists) - pairs_of(lists - first) + (second - first - 1);
      double* const of_pair = evidence_.data() + kListEvidence * lists + kPairEvidence * pair;
      of_pair[0] = 1;
      of_pair[1] = ratio(first) * ratio(second);
    }
  }
  return evidence_;
}

}  // namespace xmr
