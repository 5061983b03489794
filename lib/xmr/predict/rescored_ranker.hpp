#pragma once
// Rescores the answers of a ranker: probabilities, thresholds and weights of labels.
//
//   RescoredRanker ranker(std::move(inner), {.calibration = &calibration, .min_score = 0.2F}, 10);
//
// Four steps: 1. The calibration maps each score to a probability. 2. Answers below `min_score` or the threshold of
// their label are removed. 3. Weights of labels multiply the probabilities, and the answers are ranked again
// (stable). 4. The first k remain. Cost: the calibration of each answer; with weights a sort. Thread rule: one object a
// thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "xmr/combine/calibration.hpp"
#include "xmr/predict/ranker.hpp"

namespace xmr {

// All members may be absent. The referenced objects must outlive the rankers.
struct Rescoring {
  const Calibration* calibration = nullptr;
  std::optional<float> min_score = {};
  std::span<const float> thresholds = {};  // [label]
  std::span<const float> weights = {};     // [label], > 0

  bool is_wanted() const { return calibration != nullptr || min_score || !thresholds.empty() || !weights.empty(); }
};

class RescoredRanker final : public Ranker {
 public:
  // With weights, `inner` should return more than k answers.
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

// Rescores by the probabilities and thresholds of a calibration, which must outlive the ranker. If it is null, returns
// `ranker` itself.
std::unique_ptr<Ranker> calibrated(std::unique_ptr<Ranker> ranker, const Calibration* calibration);

}  // namespace xmr
