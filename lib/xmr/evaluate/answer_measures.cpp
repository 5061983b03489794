// Measures of all answers of all rows. Unlike p@k, they count the answers that exist: lists may be cut by a threshold.

#include "xmr/evaluate/measure.hpp"

namespace xmr {
namespace {

double answers_of(const JudgedRow& row) {
  return static_cast<double>(row.hits.size());
}

constexpr Measure kAnswerMeasures[] = {
    // Σ hits / Σ answers.
    {.name = "micro-p", .gained = [](const JudgedRow& row) { return row.count_hits(); }, .attainable = answers_of},
    // Σ hits / Σ |T_r|.
    {.name = "micro-r",
     .gained = [](const JudgedRow& row) { return row.count_hits(); },
     .attainable = [](const JudgedRow& row) { return static_cast<double>(row.relevant); }},
    // 2 Σ hits / (Σ answers + Σ |T_r|).
    {.name = "micro-f1",
     .gained = [](const JudgedRow& row) { return 2 * row.count_hits(); },
     .attainable = [](const JudgedRow& row) { return answers_of(row) + row.relevant; }},
};

}  // namespace

std::span<const Measure> answer_measures() {
  return kAnswerMeasures;
}

}  // namespace xmr
