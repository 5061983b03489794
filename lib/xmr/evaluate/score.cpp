#include "xmr/evaluate/score.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "xmr/evaluate/measure.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::size_t kRowsPerStep = 4096;

// A compensated sum (Neumaier): the mean of many thirds is exact to its last digits.
double sum(std::span<const double> values) {
  double total = 0, lost = 0;
  for (const double value : values) {
    const double next = total + value;
    lost += std::fabs(total) >= std::fabs(value) ? (total - next) + value : (value - next) + total;
    total = next;
  }
  return total + lost;
}

// If a score is outside 0..1, throws DataError.
void require_probabilities(CsrView ranked, Metric metric) {
  const auto bad = std::ranges::find_if(ranked.values, [](float score) { return !(score >= 0 && score <= 1); });
  if (bad != ranked.values.end())
    throw DataError(metric.name(), fmt::format("the score {} is outside 0..1", *bad),
                    "xmr-eval fit-calibration makes probabilities of scores");
}

void check_inputs(const Judged& judged, Metric metric, const MetricInputs& inputs) {
  const Measure& measure = *metric.measure;
  if (measure.reads.propensities && inputs.inverse_propensities.size() != judged.truth.cols)
    throw ConfigError(fmt::format("{} needs the propensities of {} labels, {} are given", metric.name(),
                                  judged.truth.cols, inputs.inverse_propensities.size()));
  if (measure.reads.requests && (inputs.requests == nullptr || inputs.requests->size() != judged.truth.rows))
    throw ConfigError(fmt::format("{} needs the requests of {} rows", metric.name(), judged.truth.rows));
  if (measure.reads.keys && !inputs.key) throw ConfigError(metric.name() + " needs the keys of labels");
  if (measure.needs_probabilities) require_probabilities(judged.ranked, metric);
}

SparseRow first_of(SparseRow row, std::size_t count) {
  return {row.indices.first(count), row.values.first(count)};
}

}  // namespace

Judged judge(CsrView truth, CsrView ranked, Parallel& parallel) {
  if (truth.rows != ranked.rows || truth.cols != ranked.cols)
    throw DataError(fmt::format("predictions of {} rows x {} labels, a truth of {} x {}", ranked.rows, ranked.cols,
                                truth.rows, truth.cols));
  Judged judged{truth, ranked, std::vector<std::uint8_t>(ranked.nnz()), std::vector<std::uint32_t>(truth.rows)};
  for (const float weight : truth.values)
    judged.max_weight = std::max(judged.max_weight, weight);
  parallel.for_blocks(truth.rows, kRowsPerStep, [&](std::size_t begin, std::size_t end, unsigned) {
    for (Row r = begin; r < end; ++r) {
      const SparseRow row = truth.row(r);
      judged.relevant[r] = static_cast<std::uint32_t>(std::ranges::count_if(row.values, [](float v) { return v > 0; }));
      for (Offset i = ranked.indptr[r]; i < ranked.indptr[r + 1]; ++i)
        judged.hits[i] = is_relevant(row, ranked.indices[i]) ? 1 : 0;
    }
  });
  return judged;
}

double RowScores::value() const {
  const double best = attainable.empty() ? static_cast<double>(gained.size()) : sum(attainable);
  return best > 0 ? sum(gained) / best : 0;
}

RowScores RowScores::of(std::span<const Row> rows) const {
  RowScores some;
  for (const Row row : rows) {
    some.gained.push_back(gained[row]);
    if (!attainable.empty()) some.attainable.push_back(attainable[row]);
  }
  return some;
}

RowScores score_rows(const Judged& judged, Metric metric, const MetricInputs& inputs, Parallel& parallel) {
  const Measure& measure = *metric.measure;
  if (metric.is_pooled()) throw ConfigError(metric.name() + " is not a sum over rows");
  check_inputs(judged, metric, inputs);
  const Discounts discounts(judged, metric.k);
  const std::uint64_t rows = judged.truth.rows;
  RowScores scores{std::vector<double>(rows), std::vector<double>(measure.attainable != nullptr ? rows : 0)};
  parallel.for_blocks(rows, kRowsPerStep, [&](std::size_t begin, std::size_t end, unsigned) {
    std::vector<double> scratch;
    for (Row r = begin; r < end; ++r) {
      const auto hits = judged.hits_of(r);
      const std::size_t count = std::min<std::size_t>(metric.k, hits.size());
      const JudgedRow row{.row = r,
                          .k = metric.k,
                          .truth = judged.truth.row(r),
                          .relevant = judged.relevant[r],
                          .ranked = first_of(judged.ranked.row(r), count),
                          .hits = hits.first(count),
                          .max_weight = judged.max_weight,
                          .inputs = inputs,
                          .discounts = discounts,
                          .scratch = scratch};
      scores.gained[r] = measure.gained(row);
      if (measure.attainable != nullptr) scores.attainable[r] = measure.attainable(row);
    }
  });
  return scores;
}

double score_pooled(const Judged& judged, Metric metric) {
  if (!metric.is_pooled()) throw ConfigError(metric.name() + " is a sum over rows");
  check_inputs(judged, metric, {});
  if (metric.measure->pooled != nullptr) return metric.measure->pooled(judged, metric.k);
  double total = 0;
  std::uint64_t labels = 0;
  for (const LabelCounts& label : counts_of_labels(judged, metric.k)) {
    if (label.relevant == 0) continue;
    total += metric.measure->of_label(label);
    ++labels;
  }
  return labels == 0 ? 0 : total / static_cast<double>(labels);
}

}  // namespace xmr
