#include "xmr/evaluate/details.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "xmr/evaluate/measure.hpp"

namespace xmr {
namespace {

std::vector<Metric> metrics_of_rows(std::span<const Metric> metrics) {
  std::vector<Metric> chosen;
  std::ranges::copy_if(metrics, std::back_inserter(chosen), [](const Metric& metric) { return !metric.is_pooled(); });
  return chosen;
}

std::vector<Metric> metrics_of_labels(std::span<const Metric> metrics) {
  std::vector<Metric> chosen;
  std::ranges::copy_if(metrics, std::back_inserter(chosen),
                       [](const Metric& metric) { return metric.measure->of_label != nullptr; });
  return chosen;
}

std::string header(std::string text, const std::vector<Metric>& metrics) {
  for (const Metric metric : metrics)
    text += '\t' + metric.name();
  return text + '\n';
}

double value_of(const RowScores& scores, Row row) {
  if (scores.attainable.empty()) return scores.gained[row];
  return scores.attainable[row] > 0 ? scores.gained[row] / scores.attainable[row] : 0;
}

}  // namespace

std::string row_details_header(std::span<const Metric> metrics) {
  return header("predictions\trow\trelevant\tanswers", metrics_of_rows(metrics));
}

std::string label_details_header(std::span<const Metric> metrics) {
  return header("predictions\tlabel\trows", metrics_of_labels(metrics));
}

std::string row_details(const JudgedFile& file, std::span<const Metric> metrics, const MetricInputs& inputs,
                        const RowName& name, Parallel& parallel) {
  std::vector<RowScores> scores;
  for (const Metric metric : metrics_of_rows(metrics))
    scores.push_back(score_rows(file.judged, metric, inputs, parallel));
  std::string text;
  for (Row row = 0; row < file.judged.truth.rows; ++row) {
    fmt::format_to(std::back_inserter(text), "{}\t{}\t{}\t{}", file.name, name(row), file.judged.relevant[row],
                   file.judged.hits_of(row).size());
    for (const RowScores& of : scores)
      fmt::format_to(std::back_inserter(text), "\t{}", value_of(of, row));
    text += '\n';
  }
  return text;
}

std::string label_details(const JudgedFile& file, std::span<const Metric> metrics, const LabelName& name) {
  const std::vector<Metric> chosen = metrics_of_labels(metrics);
  std::vector<std::vector<LabelCounts>> counts;
  for (const Metric metric : chosen)
    counts.push_back(counts_of_labels(file.judged, metric.k));
  std::string text;
  for (LabelId label = 0; label < file.judged.truth.cols; ++label) {
    const auto is_seen = [&](const auto& of) { return of[label].relevant > 0 || of[label].answers > 0; };
    if (std::ranges::none_of(counts, is_seen)) continue;
    fmt::format_to(std::back_inserter(text), "{}\t{}\t{}", file.name, name(label), counts.front()[label].relevant);
    for (std::size_t m = 0; m < chosen.size(); ++m)
      fmt::format_to(std::back_inserter(text), "\t{}", chosen[m].measure->of_label(counts[m][label]));
    text += '\n';
  }
  return text;
}

}  // namespace xmr
