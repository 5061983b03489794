#include "xmr/train/retrieval_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <string>
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
constexpr double kGain = 1, kPartGain = 2;  // standard errors of a mean difference
constexpr double kManyLabels = 1.5;         // of a row
constexpr std::size_t kFewRows = 800;
constexpr std::array<double, 3> kPartWeights = {1, 4, 64};
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

MarginModel boosted_from(const MarginModel& logistic, const HeldEvidence& fitted, const HeldEvidence& stopping,
                         Objective objective, Parallel& parallel) {
  const HeldEvidence best = best_by(logistic, fitted, parallel);
  const HeldEvidence best_stopping = best_by(logistic, stopping, parallel);
  const std::vector<double> starts = margins_of(logistic, best.view().evidence, parallel);
  const std::vector<double> stopping_starts = margins_of(logistic, best_stopping.view().evidence, parallel);
  const LabelledEvidence validation = best_stopping.view(stopping_starts);
  MarginModel boosted = logistic;
  boosted.set_trees(fit_trees(best.view(starts), &validation, {.objective = objective}, parallel).trees);
  return boosted;
}

constexpr std::uint32_t kAllSlices = (1U << kSlices) - 1;
std::uint32_t slice(std::size_t number) {
  return 1U << number % kSlices;
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

// The gain of `a` over `b` in the sum of metrics, in standard errors.
double gain(std::span<const RowMetrics> a, std::span<const RowMetrics> b) {
  std::vector<double> differences(a.size());
  std::ranges::transform(a, b, differences.begin(),
                         [](const RowMetrics& x, const RowMetrics& y) { return total(x) - total(y); });
  return gain_in_errors(differences);
}

// Ranks the guard by margins and remembers the means.
class Judge {
 public:
  Judge(const HeldEvidence& guard, std::vector<JudgedKind>& judged) : guard_(guard), judged_(judged) {}

  std::vector<RowMetrics> operator()(std::string name, std::span<const double> margins) {
    std::vector<RowMetrics> rows = guard_.judge(margins);
    judged_.push_back({std::move(name), mean_of(rows)});
    return rows;
  }

 private:
  const HeldEvidence& guard_;
  std::vector<JudgedKind>& judged_;
};

struct Kind {
  std::string name;
  std::optional<Objective> objective = std::nullopt;  // of trees that continue from the logistic weights
};

std::vector<Kind> kinds_for(const HeldEvidence& held) {
  std::vector<Kind> kinds = {{"logistic"}, {"boosted", Objective::softmax}};
  if (held.mean_relevant() > kManyLabels) kinds.push_back({"boosted by label", Objective::logistic});
  return kinds;
}

// Margins of the guard.
struct GuardMargins {
  HeldEvidence guard;
  std::vector<double> simplest;
  std::vector<std::vector<double>> of_kinds;
};

class KindFits {
 public:
  KindFits(const MarginModel& simplest, bool has_prior, Parallel& parallel)
      : simplest_(simplest), has_prior_(has_prior), parallel_(parallel) {}

  MarginModel logistic(const HeldEvidence& fitted) const {
    const LogisticOptions options{.ridge = kEvidenceRidge, .prior = has_prior_ ? &simplest_.logistic() : nullptr};
    return with_logistic(fit_logistic(fitted.view(), options, parallel_));
  }
  MarginModel fit(const Kind& kind, const MarginModel& logistic, const HeldEvidence& fitted,
                  const HeldEvidence& stopping) const {
    return kind.objective ? boosted_from(logistic, fitted, stopping, *kind.objective, parallel_) : logistic;
  }

  // Fits all kinds and adds the guard, slice `turn`, and its margins.
  void judge(const HeldEvidence& held, const std::vector<Kind>& kinds, std::size_t turn, GuardMargins& margins) const {
    const HeldEvidence guard = held.of_slices(slice(turn)), stopping = held.of_slices(slice(turn + 1));
    const HeldEvidence fitted = held.of_slices(kAllSlices & ~slice(turn) & ~slice(turn + 1));
    const MarginModel by_logistic = logistic(fitted);
    const auto add = [&](std::vector<double>& to, const MarginModel& model) {
      const std::vector<double> more = margins_of(model, guard.view().evidence, parallel_);
      to.insert(to.end(), more.begin(), more.end());
    };
    add(margins.simplest, simplest_);
    margins.of_kinds.resize(kinds.size());
    for (std::size_t i = 0; i < kinds.size(); ++i)
      add(margins.of_kinds[i], fit(kinds[i], by_logistic, fitted, stopping));
    margins.guard.add(guard);
  }

 private:
  const MarginModel& simplest_;
  bool has_prior_;
  Parallel& parallel_;
};

struct AddedPart {
  std::string_view name;
  double weight = 0;
};

// Adds the ranks of the part that gains most, if one does, to `margins`. `rows`: the metrics of `margins` before.
std::optional<AddedPart> add_part(const HeldEvidence& guard, Judge& judge, std::vector<double>& margins,
                                  const std::vector<RowMetrics>& rows) {
  std::optional<AddedPart> added;
  std::vector<double> best = margins;
  double most = kPartGain;
  for (const std::string_view name : kParts) {
    const std::vector<double> ranks = guard.column(name);
    judge(std::string(name), ranks);
    for (const double weight : kPartWeights) {
      std::vector<double> sums = margins;
      for (std::size_t i = 0; i < sums.size(); ++i)
        sums[i] += weight * ranks[i];
      if (const double gained = gain(guard.judge(sums), rows); gained > most) {
        most = gained;
        added = {name, weight};
        best = std::move(sums);
      }
    }
  }
  margins = std::move(best);
  return added;
}

void add_to(MarginModel& margin, const AddedPart& part) {
  LogisticWeights weights = margin.logistic();
  weights.of_columns.resize(RetrievalEvidence::size());
  ColumnWeights& column = weights.of_columns[column_of(part.name)];
  column.linear += part.weight * column.scale;
  margin.set_logistic(std::move(weights));
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

RetrievalFit fit_retrieval(const HeldEvidence& held, bool all_sources, Parallel& parallel) {
  const char* const simplest = all_sources ? "built-in" : "fused ranks";
  RetrievalFit fit{.margin = all_sources ? built_in_margin() : by_part(simplest), .kind = simplest};
  if (held.slices() != kAllSlices) return fit;
  const Phase phase(parallel.observer(), "fit", 0, "kinds");
  const MarginModel simple = fit.margin;
  const KindFits fits(simple, all_sources, parallel);
  const std::vector<Kind> kinds = kinds_for(held);
  GuardMargins guarded;
  for (std::size_t turn = 0; turn < (held.rows() <= kFewRows ? kSlices : 1); ++turn)
    fits.judge(held, kinds, turn, guarded);
  fit.guard_rows = guarded.guard.rows();
  Judge judge(guarded.guard, fit.judged);
  std::vector<double>* margins = &guarded.simplest;
  std::vector<RowMetrics> taken = judge(simplest, guarded.simplest), best;
  std::size_t best_kind = 0;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    std::vector<RowMetrics> rows = judge(kinds[i].name, guarded.of_kinds[i]);
    if (i > 0 && total(mean_of(rows)) <= total(mean_of(best))) continue;
    best = std::move(rows);
    best_kind = i;
  }
  if (gain(best, taken) > kGain) {
    taken = best;
    margins = &guarded.of_kinds[best_kind];
    fit.kind = kinds[best_kind].name;
    const HeldEvidence fitted = held.of_slices(kAllSlices & ~slice(1));
    fit.margin = fits.fit(kinds[best_kind], fits.logistic(fitted), fitted, held.of_slices(slice(1)));
  }
  if (const std::optional<AddedPart> part = add_part(guarded.guard, judge, *margins, taken)) {
    fit.added = part->name;
    add_to(fit.margin, *part);
  }
  fit.margin.set_calibration(fit_query_calibration(guarded.guard.view(), *margins));
  return fit;
}

}  // namespace xmr
