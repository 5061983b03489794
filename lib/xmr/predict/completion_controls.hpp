#pragma once
// The labels that may be completions and their weights, for all queries of a request: allowed labels, categories, the
// block list, business weights of the model and boosts.
//
//   const CompletionControls controls(model, allowed, request);
//   controls.popular().top(range, 20, scratch, best, 1);   // the labels with the largest count · weight
//
// The weight of a label is that of the model times the factor of each boost whose category it has. It multiplies the
// odds of an answer. Cost: a pass over the labels. Memory: 20 bytes a label. Errors: ConfigError for a category that no
// label has, and for a factor that is not above 0 and at most LabelCatalog::kMaxWeight. Thread rule: const methods from
// any thread.

#include <cstdint>
#include <vector>

#include "xmr/complete/popular.hpp"
#include "xmr/predict/completion_model.hpp"
#include "xmr/predict/rank_request.hpp"

namespace xmr {

class CompletionControls {
 public:
  // Returns true if a request restricts or weighs the labels of a model. `allowed`: by label; null: all.
  static bool are_needed(const CompletionModel& model, const std::vector<bool>* allowed,
                         const CompletionRequest& request);

  CompletionControls(const CompletionModel& model, const std::vector<bool>* allowed, const CompletionRequest& request);
  CompletionControls(const CompletionControls&) = delete;
  CompletionControls& operator=(const CompletionControls&) = delete;

  // By label; null: all.
  const std::vector<bool>* allowed() const { return allowed_.empty() ? nullptr : &allowed_; }
  bool has(LabelId label) const { return allowed_.empty() || allowed_[label]; }
  float weight(LabelId label) const { return weights_.empty() ? 1 : weights_[label]; }
  // Counts grow with count · weight. They are 0 for labels that are not allowed, else 1 or more.
  const Popular& popular() const { return popular_; }

 private:
  void restrict(const CompletionModel& model, const std::vector<bool>* allowed, const CompletionRequest& request);
  void weigh(const CompletionModel& model, const CompletionRequest& request);

  std::vector<bool> allowed_;
  std::vector<float> weights_;  // empty: 1
  PopularTable table_;
  Popular popular_;  // of table_
};

}  // namespace xmr
