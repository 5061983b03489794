// Measures of one label after another: the mean over the labels that are relevant to any row. Memory: 24 bytes a label.

#include "xmr/evaluate/measure.hpp"

namespace xmr {
namespace {

// If a label is never answered, its ratio is 0.
double ratio_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

constexpr Measure kLabelMeasures[] = {
    // The share of labels that are a hit within k in at least one row.
    {.name = "coverage", .of_label = [](const LabelCounts& label) { return label.hits > 0 ? 1.0 : 0.0; }},
    // Hits / answers of a label.
    {.name = "macro-p", .of_label = [](const LabelCounts& label) { return ratio_of(label.hits, label.answers); }},
    // Hits / relevant rows of a label.
    {.name = "macro-r", .of_label = [](const LabelCounts& label) { return ratio_of(label.hits, label.relevant); }},
    // 2 hits / (answers + relevant rows) of a label.
    {.name = "macro-f1",
     .of_label = [](const LabelCounts& label) { return ratio_of(2 * label.hits, label.answers + label.relevant); }},
};

}  // namespace

std::span<const Measure> label_measures() {
  return kLabelMeasures;
}

}  // namespace xmr
