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

constexpr std::size_t kBoosted = 100;  // candidates of a row that trees are fitted to
constexpr double kEvidenceRidge = 30;  // ridges of 1 to 50 rank alike on held-out parts of six sets; 39 rows need 30
constexpr double kGain = 1, kBeyondChance = 2;  // standard errors of a mean difference
// The pieces of evidence that rank as a part does alone.
constexpr std::array<std::string_view, 5> kParts = {"trees 1/rank", "words 1/rank", "characters 1/rank",
                                                    "neighbours 1/rank", "fused ranks"};

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

// Candidates far behind have no part in the softmax, and cost as much as others.
HeldEvidence best_by(const MarginModel& model, const HeldEvidence& held, Parallel& parallel) {
  return held.best(margins_of(model, held.view().evidence, parallel), kBoosted);
}

MarginModel boosted_from(const MarginModel& logistic, const HeldParts& held, Parallel& parallel) {
  const HeldEvidence fitted = best_by(logistic, held.fitted, parallel);
  const HeldEvidence stopping = best_by(logistic, held.stopping, parallel);
  const std::vector<double> starts = margins_of(logistic, fitted.view().evidence, parallel);
  const std::vector<double> stopping_starts = margins_of(logistic, stopping.view().evidence, parallel);
  const LabelledEvidence validation = stopping.view(stopping_starts);
  MarginModel boosted = logistic;
  boosted.set_trees(fit_trees(fitted.view(starts), &validation, {}, parallel).trees);
  return boosted;
}

// Mean of the differences of rows, in standard errors; 0 if all rows are the same.
double gain_in_errors(std::span<const double> differences) {
  const auto n = static_cast<double>(differences.size());
  double sum = 0, squares = 0;
  for (const double difference : differences) {
    sum += difference;
    squares += difference * difference;
  }
  const double variance = squares / n - sum / n * (sum / n);
  return sum == 0 ? 0 : sum / n / std::sqrt(std::max(variance, 1e-12) / n);
}

double total(const RowMetrics& row) {
  return std::accumulate(row.begin(), row.end(), 0.0);
}

// Returns true if `a` has a larger sum of metrics than `b` by more than kGain standard errors.
bool gains(std::span<const RowMetrics> a, std::span<const RowMetrics> b) {
  std::vector<double> differences(a.size());
  std::ranges::transform(a, b, differences.begin(),
                         [](const RowMetrics& x, const RowMetrics& y) { return total(x) - total(y); });
  return gain_in_errors(differences) > kGain;
}

// Returns true if `a` loses to `b` in any metric by more than kBeyondChance standard errors.
bool loses(std::span<const RowMetrics> a, std::span<const RowMetrics> b) {
  std::vector<double> differences(a.size());
  for (std::size_t metric = 0; metric < kGuardMetrics.size(); ++metric) {
    std::ranges::transform(b, a, differences.begin(),
                           [&](const RowMetrics& x, const RowMetrics& y) { return x[metric] - y[metric]; });
    if (gain_in_errors(differences) > kBeyondChance) return true;
  }
  return false;
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

RetrievalFit fit_retrieval(const HeldParts& held, bool all_sources, Parallel& parallel) {
  const HeldEvidence& guard = held.guard;
  const char* const simplest = all_sources ? "built-in" : "fused ranks";
  RetrievalFit fit{.margin = all_sources ? built_in_margin() : by_part(simplest),
                   .kind = simplest,
                   .fitted_rows = held.fitted.rows(),
                   .guard_rows = guard.rows()};
  if (held.fitted.rows() == 0 || held.stopping.rows() == 0 || guard.rows() == 0) return fit;
  const Phase phase(parallel.observer(), "fit", 0, "kinds");
  const auto judge = [&](const char* name, const MarginModel& margin) {
    std::vector<RowMetrics> rows = guard.judge(margins_of(margin, guard.view().evidence, parallel));
    fit.judged.push_back({name, mean_of(rows)});
    return rows;
  };
  std::vector<RowMetrics> best = judge(simplest, fit.margin);
  const LogisticWeights prior = fit.margin.logistic();
  const MarginModel logistic = with_logistic(
      fit_logistic(held.fitted.view(), {.ridge = kEvidenceRidge, .prior = all_sources ? &prior : nullptr}, parallel));
  const MarginModel boosted = boosted_from(logistic, held, parallel);
  const std::vector<RowMetrics> by_logistic = judge("logistic", logistic), by_boosted = judge("boosted", boosted);
  const bool take_boosted = total(mean_of(by_boosted)) > total(mean_of(by_logistic));
  const std::vector<RowMetrics>& learnt = take_boosted ? by_boosted : by_logistic;
  if (gains(learnt, best)) {
    best = learnt;
    fit.margin = take_boosted ? boosted : logistic;
    fit.kind = take_boosted ? "boosted" : "logistic";
  }
  std::vector<JudgedKind> parts;
  for (const std::string_view part : kParts) {
    const std::vector<RowMetrics> rows = guard.judge(guard.column(part));
    parts.push_back({std::string(part), mean_of(rows)});
    if (loses(best, rows)) fit.loses_to = part;
  }
  if (!fit.loses_to.empty()) {
    fit.kind = std::ranges::max_element(parts, {}, [](const JudgedKind& part) { return total(part.guard); })->name;
    fit.margin = by_part(fit.kind);
  }
  fit.judged.insert(fit.judged.end(), parts.begin(), parts.end());
  fit.margin.set_calibration(
      fit_query_calibration(guard.view(), margins_of(fit.margin, guard.view().evidence, parallel)));
  return fit;
}

}  // namespace xmr
