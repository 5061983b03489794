#include "xmr/train/retrieval_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string_view>
#include <utility>

#include "xmr/boost/logistic_fit.hpp"
#include "xmr/boost/query_calibration.hpp"
#include "xmr/boost/tree_fit.hpp"
#include "xmr/retrieve/evidence.hpp"

namespace xmr {
namespace {

struct BuiltInWeight {
  std::string_view name;
  double center, scale, linear, bounded, missing;
};

#include "xmr/train/built_in_weights.inc"

constexpr double kBeyondChance = 2;  // standard errors
// The pieces of evidence that rank as a part does alone.
constexpr std::array<std::string_view, 5> kParts = {"trees 1/rank", "words 1/rank", "grams 1/rank", "neighbours 1/rank",
                                                    "fused ranks"};

std::size_t column_of(std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(retrieval_evidence(), name, &EvidencePiece::name) -
                                  retrieval_evidence().begin());
}

MarginModel with_logistic(LogisticWeights weights) {
  MarginModel model(RetrievalEvidence::size());
  model.set_logistic(std::move(weights));
  return model;
}

// Ranks by one piece of evidence.
MarginModel by_part(std::string_view name) {
  LogisticWeights weights;
  weights.of_columns.resize(RetrievalEvidence::size());
  weights.of_columns[column_of(name)].linear = 1;
  return with_logistic(std::move(weights));
}

MarginModel boosted_from(const MarginModel& logistic, const HeldEvidence& fitted, const HeldEvidence& guard,
                         Parallel& parallel) {
  const std::vector<double> starts = margins_of(logistic, fitted.view().evidence, parallel);
  const std::vector<double> guard_starts = margins_of(logistic, guard.view().evidence, parallel);
  const LabelledEvidence validation = guard.view(guard_starts);
  MarginModel boosted = logistic;
  boosted.set_trees(fit_trees(fitted.view(starts), &validation, {}, parallel).trees);
  return boosted;
}

// Returns true if a loses to b in any metric beyond chance.
bool loses(std::span<const RowMetrics> a, std::span<const RowMetrics> b) {
  const auto n = static_cast<double>(a.size());
  for (std::size_t metric = 0; metric < kGuardMetrics.size(); ++metric) {
    double sum = 0, squares = 0;
    for (std::size_t row = 0; row < a.size(); ++row) {
      const double difference = b[row][metric] - a[row][metric];
      sum += difference;
      squares += difference * difference;
    }
    const double mean = sum / n;
    const double error = std::sqrt(std::max(0.0, squares / n - mean * mean) / n);
    if (mean > kBeyondChance * error) return true;
  }
  return false;
}

double total(const JudgedKind& judged) {
  return std::accumulate(judged.guard.begin(), judged.guard.end(), 0.0);
}

}  // namespace

MarginModel built_in_margin() {
  LogisticWeights weights;
  weights.constant = kBuiltInConstant;
  weights.of_columns.resize(RetrievalEvidence::size());
  for (const BuiltInWeight& weight : kBuiltInWeights)
    weights.of_columns[column_of(weight.name)] = {weight.center, weight.scale, weight.linear, weight.bounded,
                                                  weight.missing};
  return with_logistic(std::move(weights));
}

RetrievalFit fit_retrieval(const HeldEvidence& fitted, const HeldEvidence& guard, bool all_sources,
                           Parallel& parallel) {
  const char* const simplest = all_sources ? "built-in" : "fused ranks";
  RetrievalFit fit{.margin = all_sources ? built_in_margin() : by_part(simplest),
                   .kind = simplest,
                   .fitted_rows = fitted.rows(),
                   .guard_rows = guard.rows()};
  if (fitted.rows() == 0 || guard.rows() == 0) return fit;
  const Phase phase(parallel.observer(), "fit", 0, "kinds");
  std::vector<RowMetrics> best;
  double best_total = -1;
  const auto judge = [&](const char* name, const MarginModel& margin) {
    std::vector<RowMetrics> rows = guard.judge(margins_of(margin, guard.view().evidence, parallel));
    fit.judged.push_back({name, mean_of(rows)});
    if (total(fit.judged.back()) <= best_total) return;
    best_total = total(fit.judged.back());
    best = std::move(rows);
    fit.margin = margin;
    fit.kind = name;
  };
  judge(simplest, MarginModel(fit.margin));
  if (fitted.rows() >= RetrievalFit::kFewRows) {
    const MarginModel logistic = with_logistic(fit_logistic(fitted.view(), {}, parallel));
    judge("logistic", logistic);
    judge("boosted", boosted_from(logistic, fitted, guard, parallel));
  }
  std::vector<JudgedKind> parts;
  for (const std::string_view part : kParts) {
    const std::vector<RowMetrics> rows = guard.judge(guard.column(part));
    parts.push_back({std::string(part), mean_of(rows)});
    if (loses(best, rows)) fit.loses_to = part;
  }
  if (!fit.loses_to.empty()) {
    fit.kind = std::ranges::max_element(parts, {}, total)->name;
    fit.margin = by_part(fit.kind);
  }
  fit.judged.insert(fit.judged.end(), parts.begin(), parts.end());
  fit.margin.set_calibration(
      fit_query_calibration(guard.view(), margins_of(fit.margin, guard.view().evidence, parallel)));
  return fit;
}

}  // namespace xmr
