#include "xmr/evaluate/pooled.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {
namespace {

// Of a label.
struct Counts {
  std::uint64_t relevant = 0, answers = 0, hits = 0;
};

std::vector<Counts> counts_of_labels(const Judged& judged, std::uint32_t k) {
  std::vector<Counts> counts(judged.truth.cols);
  for (std::size_t i = 0; i < judged.truth.indices.size(); ++i)
    if (judged.truth.values[i] > 0) ++counts[judged.truth.indices[i]].relevant;
  for (Row row = 0; row < judged.ranked.rows; ++row) {
    const auto hits = judged.hits_of(row);
    const SparseRow ranked = judged.ranked.row(row);
    for (std::size_t i = 0; i < std::min<std::size_t>(k, hits.size()); ++i) {
      ++counts[ranked.indices[i]].answers;
      counts[ranked.indices[i]].hits += hits[i];
    }
  }
  return counts;
}

double ratio(double part, std::uint64_t whole) {
  return whole == 0 ? 0 : part / static_cast<double>(whole);
}

// Of a label that is relevant to some row.
double value_of(const Counts& label, Measure measure) {
  const auto hits = static_cast<double>(label.hits);
  switch (measure) {
    case Measure::coverage:
      return label.hits > 0 ? 1 : 0;
    case Measure::macro_precision:
      return ratio(hits, label.answers);
    case Measure::macro_recall:
      return ratio(hits, label.relevant);
    default:
      return ratio(2 * hits, label.answers + label.relevant);
  }
}

double mean_over_labels(const Judged& judged, Metric metric) {
  double sum = 0;
  std::uint64_t labels = 0;
  for (const Counts& label : counts_of_labels(judged, metric.k)) {
    if (label.relevant == 0) continue;
    sum += value_of(label, metric.measure);
    ++labels;
  }
  return ratio(sum, labels);
}

double calibration_error(const Judged& judged, std::uint32_t k) {
  double errors = 0;
  std::uint64_t answers = 0;
  for (const ReliabilityBin& bin : reliability(judged, k)) {
    errors += std::fabs(bin.scores - static_cast<double>(bin.hits));
    answers += bin.answers;
  }
  return ratio(errors, answers);
}

}  // namespace

double score_pooled(const Judged& judged, Metric metric) {
  return metric.measure == Measure::ece ? calibration_error(judged, metric.k) : mean_over_labels(judged, metric);
}

Reliability reliability(const Judged& judged, std::uint32_t k) {
  require_probabilities(judged.ranked);
  Reliability bins;
  for (Row row = 0; row < judged.ranked.rows; ++row) {
    const auto hits = judged.hits_of(row);
    const SparseRow ranked = judged.ranked.row(row);
    for (std::size_t i = 0; i < std::min<std::size_t>(k, hits.size()); ++i) {
      const double score = ranked.values[i];
      const auto bin = static_cast<std::size_t>(score * kReliabilityBins);
      ReliabilityBin& found = bins[std::min(bin, kReliabilityBins - 1)];
      ++found.answers;
      found.hits += hits[i];
      found.scores += score;
    }
  }
  return bins;
}

}  // namespace xmr
