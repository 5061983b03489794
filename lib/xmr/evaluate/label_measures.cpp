// Measures of one label after another: the mean over the labels that are relevant to any row. Memory: 24 bytes a label.

#include <algorithm>
#include <cstddef>

#include "xmr/evaluate/measure.hpp"

namespace xmr {
namespace {

// The counts of one label.
struct LabelCounts {
  std::uint64_t relevant = 0, answers = 0, hits = 0;
};

std::vector<LabelCounts> counts_of_labels(const Judged& judged, std::uint32_t k) {
  std::vector<LabelCounts> counts(judged.truth.cols);
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

// If a label is never answered, its ratio is 0.
double ratio_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// The mean of value(counts) over the labels that are relevant to any row.
template <class Value>
double mean_over_labels(const Judged& judged, std::uint32_t k, const Value& value) {
  double sum = 0;
  std::uint64_t labels = 0;
  for (const LabelCounts& label : counts_of_labels(judged, k)) {
    if (label.relevant == 0) continue;
    sum += value(label);
    ++labels;
  }
  return labels == 0 ? 0 : sum / static_cast<double>(labels);
}

constexpr Measure kLabelMeasures[] = {
    // The share of labels that are a hit within k in at least one row.
    {.name = "coverage",
     .pooled =
         [](const Judged& judged, std::uint32_t k) {
           return mean_over_labels(judged, k, [](const LabelCounts& label) { return label.hits > 0 ? 1.0 : 0.0; });
         }},
    // Hits / answers of a label.
    {.name = "macro-p",
     .pooled =
         [](const Judged& judged, std::uint32_t k) {
           return mean_over_labels(judged, k,
                                   [](const LabelCounts& label) { return ratio_of(label.hits, label.answers); });
         }},
    // Hits / relevant rows of a label.
    {.name = "macro-r",
     .pooled =
         [](const Judged& judged, std::uint32_t k) {
           return mean_over_labels(judged, k,
                                   [](const LabelCounts& label) { return ratio_of(label.hits, label.relevant); });
         }},
    // 2 hits / (answers + relevant rows) of a label.
    {.name = "macro-f1",
     .pooled =
         [](const Judged& judged, std::uint32_t k) {
           return mean_over_labels(judged, k, [](const LabelCounts& label) {
             return ratio_of(2 * label.hits, label.answers + label.relevant);
           });
         }},
};

}  // namespace

std::span<const Measure> label_measures() {
  return kLabelMeasures;
}

}  // namespace xmr
