// Measures of completions: the prefix and the next query of a row are known (requests.hpp). Lengths are characters.

#include <algorithm>
#include <cstddef>

#include "xmr/evaluate/bleu.hpp"
#include "xmr/evaluate/measure.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

double next_length(const JudgedRow& row) {
  return static_cast<double>(count_points(row.inputs.requests->next[row.row]));
}

double saved_length(const JudgedRow& row) {
  if (!(row.count_hits() > 0)) return 0;
  const std::size_t whole = count_points(row.inputs.requests->next[row.row]);
  return static_cast<double>(whole - std::min(whole, count_points(row.inputs.requests->prefix[row.row])));
}

double bleu_of_list(const JudgedRow& row) {
  double gained = 0, places = 0;
  for (std::size_t i = 0; i < row.ranked.size(); ++i) {
    const double weight = 1 / static_cast<double>(i + 1);
    gained += weight * bleu(row.inputs.key(row.ranked.indices[i]), row.inputs.requests->next[row.row]);
    places += weight;
  }
  return places == 0 ? 0 : gained / places;
}

constexpr Measure kCompletionMeasures[] = {
    // Σ_r saved_r / Σ_r |next_r|. If there is a hit within k, saved_r = max(|next_r| - |prefix_r|, 0), else 0.
    {.name = "keystrokes", .reads = {.requests = true}, .gained = saved_length, .attainable = next_length},
    // 1/n Σ_r Σ_i BLEU(answer i, next_r)/i / Σ_i 1/i, i up to min(k, answers of row r) (bleu.hpp).
    {.name = "bleu", .reads = {.requests = true, .keys = true}, .gained = bleu_of_list},
};

}  // namespace

std::span<const Measure> completion_measures() {
  return kCompletionMeasures;
}

}  // namespace xmr
