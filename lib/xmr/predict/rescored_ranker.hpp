#pragma once
// The answers of a ranker with other scores: probabilities instead of scores, answers that are not probable enough left
// out, and what rare labels are worth.
//
//   RescoredRanker ranker(std::move(inner), {.calibration = &calibration, .min_score = 0.2F}, 10);
//
// In this order: the calibration maps each score to a probability; an answer below `min_score`, or below its label's
// threshold, is left out; with weights the probability is multiplied by its label's weight and answers are ranked anew
// (equal ones as before). Then the first k remain. Cost: the calibration an answer; with weights a sort.
// Thread rule: one object a thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "xmr/combine/calibration.hpp"
#include "xmr/predict/ranker.hpp"

namespace xmr {

// All may be absent. What is pointed to must outlive the rankers.
struct Rescoring {
  const Calibration* calibration = nullptr;
  std::optional<float> min_score = {};
  std::span<const float> thresholds = {};  // of all labels
  std::span<const float> weights = {};     // of all labels, above 0

  bool is_wanted() const { return calibration != nullptr || min_score || !thresholds.empty() || !weights.empty(); }
};

class RescoredRanker final : public Ranker {
 public:
  // Weights ask for more answers of `inner` than the k that remain.
  RescoredRanker(std::unique_ptr<Ranker> inner, const Rescoring& rescoring, std::uint32_t k);

  CsrView rank(std::span<const Query> queries) override;
  std::size_t query_memory() const override;

 private:
  struct Answer {
    LabelId label;
    float score;
  };
  void rescore(SparseRow ranked);
  bool is_kept(const Answer& answer) const;

  std::unique_ptr<Ranker> inner_;
  Rescoring rescoring_;
  std::vector<Answer> kept_;
  CsrMatrix answers_;
};

// With the probabilities and thresholds of a calibration, which must outlive it; as it is where that is null.
std::unique_ptr<Ranker> calibrated(std::unique_ptr<Ranker> ranker, const Calibration* calibration);

}  // namespace xmr
