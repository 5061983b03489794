// Measures of hits by their places.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numeric>

#include "xmr/evaluate/measure.hpp"

namespace xmr {
namespace {

// Returns Σ_{i≤min(k,|T_r|)} 1 / log2(i+1), the discounted gain of the best list.
double ideal_gain(const JudgedRow& row) {
  return row.discounts.ideal[std::min(row.k, row.relevant)];
}

double discounted_hits(const JudgedRow& row) {
  double sum = 0;
  for (std::size_t i = 0; i < row.hits.size(); ++i)
    if (row.hits[i] != 0) sum += row.discounts.places[i];
  return sum;
}

double average_precision(const JudgedRow& row) {
  double sum = 0, hits = 0;
  for (std::size_t i = 0; i < row.hits.size(); ++i) {
    if (row.hits[i] == 0) continue;
    hits += 1;
    sum += hits / static_cast<double>(i + 1);
  }
  return row.relevant == 0 ? 0 : sum / row.relevant;
}

// Returns the hits among the first |T_r| answers.
double hits_before_relevant(const JudgedRow& row) {
  const auto first = row.hits.first(std::min<std::size_t>(row.hits.size(), row.relevant));
  return std::accumulate(first.begin(), first.end(), 0.0);
}

double reciprocal_rank(const JudgedRow& row) {
  const auto first = std::ranges::find(row.hits, std::uint8_t{1});
  return first == row.hits.end() ? 0 : 1 / static_cast<double>(first - row.hits.begin() + 1);
}

double propensity_gain(const JudgedRow& row) {
  double sum = 0;
  for (std::size_t i = 0; i < row.hits.size(); ++i)
    if (row.hits[i] != 0) sum += row.inputs.inverse_propensities[row.ranked.indices[i]];
  return sum;
}

// The gain of the best list of k labels.
double best_propensity_gain(const JudgedRow& row) {
  std::vector<double>& weights = row.scratch;
  weights.clear();
  for (std::size_t i = 0; i < row.truth.size(); ++i)
    if (row.truth.values[i] > 0) weights.push_back(row.inputs.inverse_propensities[row.truth.indices[i]]);
  const auto end = weights.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(row.k, weights.size()));
  std::partial_sort(weights.begin(), end, weights.end(), std::greater<>());
  return std::accumulate(weights.begin(), end, 0.0);
}

auto propensity_gain_of(const JudgedRow& row) {
  return [&row](LabelId label, float) { return row.inputs.inverse_propensities[label]; };
}

double propensity_discounted_gain(const JudgedRow& row) {
  return row.relevant == 0 ? 0 : row.discounted_gain(propensity_gain_of(row)) / ideal_gain(row);
}

double best_propensity_discounted_gain(const JudgedRow& row) {
  return row.relevant == 0 ? 0 : row.ideal_gain(propensity_gain_of(row)) / ideal_gain(row);
}

constexpr Measure kRankingMeasures[] = {
    // Precision: Σ_r Σ_{i≤k} hit(r,i) / (n k).
    {.name = "p", .gained = [](const JudgedRow& row) { return row.count_hits() / row.k; }},
    // Recall: 1/n Σ_r Σ_{i≤k} hit(r,i) / max(|T_r|, 1).
    {.name = "r", .gained = [](const JudgedRow& row) { return row.count_hits() / std::max<double>(row.relevant, 1); }},
    // Recall over the labels that a list of k can hold: 1/n Σ_r Σ_{i≤k} hit(r,i) / max(min(k,|T_r|), 1).
    {.name = "r-cap",
     .gained = [](const JudgedRow& row) { return row.count_hits() / std::max(std::min(row.k, row.relevant), 1U); }},
    // R-precision: 1/n Σ_r Σ_{i≤min(k,|T_r|)} hit(r,i) / max(|T_r|, 1).
    {.name = "r-prec",
     .gained = [](const JudgedRow& row) { return hits_before_relevant(row) / std::max(row.relevant, 1U); }},
    // 1/n Σ_r DCG_r / ideal_r; DCG_r = Σ_{i≤k} hit(r,i) / log2(i+1), ideal_r = Σ_{i≤min(k,|T_r|)} 1 / log2(i+1).
    {.name = "ndcg",
     .gained = [](const JudgedRow& row) { return row.relevant == 0 ? 0 : discounted_hits(row) / ideal_gain(row); }},
    // Mean average precision: 1/n Σ_r Σ_{i≤k} hit(r,i) p_i / |T_r|, p_i the precision of the first i answers.
    {.name = "map", .gained = average_precision},
    // 1/n Σ_r 1 / i_r; i_r is the place of the first hit. If i_r > k, the row gains 0.
    {.name = "mrr", .gained = reciprocal_rank},
    // The share of rows with a hit within k.
    {.name = "success", .gained = [](const JudgedRow& row) { return row.count_hits() > 0 ? 1.0 : 0.0; }},
    // The share of rows with k answers or more.
    {.name = "answered", .gained = [](const JudgedRow& row) { return row.hits.size() == row.k ? 1.0 : 0.0; }},
    // Propensity-scored precision: Σ_r Σ_{i≤k} hit(r,i)/q_i over the gain of the best lists (propensity.hpp).
    {.name = "psp", .reads = {.propensities = true}, .gained = propensity_gain, .attainable = best_propensity_gain},
    // Propensity-scored nDCG: Σ_r (Σ_{i≤k} hit(r,i) / (q_i log2(i+1)) / ideal_r) over the same sum of the best lists.
    {.name = "psndcg",
     .reads = {.propensities = true},
     .gained = propensity_discounted_gain,
     .attainable = best_propensity_discounted_gain},
};

}  // namespace

std::span<const Measure> ranking_measures() {
  return kRankingMeasures;
}

}  // namespace xmr
