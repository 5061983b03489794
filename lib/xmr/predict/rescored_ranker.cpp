#include "xmr/predict/rescored_ranker.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <utility>

namespace xmr {

RescoredRanker::RescoredRanker(std::unique_ptr<Ranker> inner, const Rescoring& rescoring, std::uint32_t k)
    : Ranker(inner->labels(), k), inner_(std::move(inner)), rescoring_(rescoring), answers_(labels()) {
  assert(rescoring_.thresholds.empty() || rescoring_.thresholds.size() == labels());
  assert(rescoring_.weights.empty() || rescoring_.weights.size() == labels());
}

CsrView RescoredRanker::rank(std::span<const Query> queries) {
  const CsrView ranked = inner_->rank(queries);
  answers_.clear();
  for (Row row = 0; row < ranked.rows; ++row) {
    rescore(ranked.row(row));
    for (const Answer& answer : kept_)
      answers_.push(answer.label, answer.score);
    answers_.end_row();
  }
  return answers_;
}

void RescoredRanker::rescore(SparseRow ranked) {
  kept_.clear();
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    Answer answer{ranked.indices[i], ranked.values[i]};
    if (rescoring_.calibration != nullptr) answer.score = (*rescoring_.calibration)(answer.score);
    if (!is_kept(answer)) continue;
    if (!rescoring_.weights.empty()) answer.score *= rescoring_.weights[answer.label];
    kept_.push_back(answer);
  }
  if (!rescoring_.weights.empty()) std::ranges::stable_sort(kept_, std::greater<>(), &Answer::score);
  if (kept_.size() > k()) kept_.resize(k());
}

bool RescoredRanker::is_kept(const Answer& answer) const {
  return (!rescoring_.min_score || answer.score >= *rescoring_.min_score) &&
         (rescoring_.thresholds.empty() || answer.score >= rescoring_.thresholds[answer.label]);
}

std::size_t RescoredRanker::query_memory() const {
  return inner_->query_memory() + inner_->k() * sizeof(Answer);
}

std::unique_ptr<Ranker> calibrated(std::unique_ptr<Ranker> ranker, const Calibration* calibration) {
  if (calibration == nullptr) return ranker;
  const std::uint32_t k = ranker->k();
  return std::make_unique<RescoredRanker>(
      std::move(ranker), Rescoring{.calibration = calibration, .thresholds = calibration->thresholds()}, k);
}

}  // namespace xmr
