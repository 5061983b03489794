#include "xmr/combine/fusion.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "xmr/util/error.hpp"
#include "xmr/util/exp_log.hpp"

namespace xmr {
namespace {

constexpr double kRrfConstant = 60;

}  // namespace

Fusion::Fusion(FusionMethod method, std::size_t lists, std::uint32_t k)
    : method_(method), lists_(lists), k_(k), list_(lists) {
  if (method == FusionMethod::weighted) throw ConfigError("fusion: weighted needs weights");
  if (lists == 0) throw ConfigError("fusion: there is no list");
  if (k == 0) throw ConfigError("k: 0 answers wanted, at least 1 is needed");
}

Fusion::Fusion(FusionWeights weights, std::uint32_t k) : Fusion(FusionMethod::average, weights.lists, k) {
  method_ = FusionMethod::weighted;
  weights_ = std::move(weights);
}

SparseRow Fusion::operator()(std::span<const SparseRow> lists) {
  prepare(lists);
  merged_.merge(lists);
  candidates_.clear();
  merged_.for_each_label([this](LabelId label, std::span<const ListedAnswer> answers) {
    candidates_.push_back({sum_of(answers), label});
  });
  std::ranges::sort(candidates_, [](const Candidate& a, const Candidate& b) {
    return a.sum != b.sum ? a.sum > b.sum : a.label < b.label;
  });
  if (candidates_.size() > k_) candidates_.resize(k_);
  labels_.clear();
  scores_.clear();
  for (const Candidate& candidate : candidates_) {
    labels_.push_back(candidate.label);
    scores_.push_back(printed(candidate.sum));
  }
  return {labels_, scores_};
}

void Fusion::prepare(std::span<const SparseRow> lists) {
  for (std::size_t i = 0; i < lists.size(); ++i) {
    const std::span<const float> scores = lists[i].values;
    list_[i] = {.size = static_cast<double>(scores.size()), .best = scores.empty() ? 0 : scores.front()};
    if (method_ != FusionMethod::softmax) continue;
    for (const float score : scores)
      list_[i].exponentials += static_cast<double>(portable_exp(score - list_[i].best));
  }
}

double Fusion::sum_of(std::span<const ListedAnswer> answers) {
  if (method_ == FusionMethod::weighted) {
    const std::span<const double> evidence = merged_.evidence(answers);
    return std::inner_product(evidence.begin(), evidence.end(), weights_.values.begin(), 0.0);
  }
  double sum = 0;
  for (const ListedAnswer& answer : answers)
    sum += share(answer);
  return sum;
}

// Returns the summand of a list in the sum of a label.
double Fusion::share(const ListedAnswer& answer) const {
  const List& list = list_[answer.list];
  switch (method_) {
    case FusionMethod::rank:
      return (list.size - answer.rank + 1) / list.size;
    case FusionMethod::softmax:
      return static_cast<double>(portable_exp(answer.score - list.best)) / list.exponentials;
    case FusionMethod::rrf:
      return 1 / (kRrfConstant + answer.rank);
    case FusionMethod::average:
    case FusionMethod::weighted:
      return static_cast<double>(answer.score);
  }
  return 0;  // not reached
}

float Fusion::printed(double sum) const {
  if (method_ == FusionMethod::rrf) return static_cast<float>(sum);
  if (method_ != FusionMethod::weighted) return static_cast<float>(sum / static_cast<double>(lists_));
  return 1 / (1 + portable_exp(static_cast<float>(-sum)));
}

}  // namespace xmr
