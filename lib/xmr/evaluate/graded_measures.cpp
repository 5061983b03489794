// Measures of hits by their weights in the truth: a label of weight 3 is better than one of weight 1.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "xmr/evaluate/measure.hpp"

namespace xmr {
namespace {

double linear_gain(LabelId, float weight) {
  return weight;
}

// Returns the row's gain over that of the best list of k labels, or 0 if the row has no relevant label.
template <class Gain>
double gain_ratio(const JudgedRow& row, const Gain& gain) {
  return row.relevant == 0 ? 0 : row.discounted_gain(gain) / row.ideal_gain(gain);
}

// Returns (2^w - 1) / 2^m for weights 0 < w <= m, without overflow of large weights or loss of small ones.
double exponential_gain(double weight, double most) {
  if (weight < 1) return std::expm1(weight * std::numbers::ln2) * std::exp2(-most);
  return std::exp2(weight - most) - std::exp2(-most);
}

// Returns nDCG with the gain 2^w - 1. All gains are divided by 2^m, m the largest weight of the row: the ratio is the
// same.
double exponential_ndcg(const JudgedRow& row) {
  double most = 0;
  for (const float weight : row.truth.values)
    most = std::max<double>(most, weight);
  return gain_ratio(row, [most](LabelId, float weight) { return exponential_gain(weight, most); });
}

// Returns Σ_i R_i / i Π_{j<i} (1 - R_j), where R_i = (2^{w_i} - 1) / 2^m is the probability that answer i satisfies.
double expected_reciprocal_rank(const JudgedRow& row) {
  double sum = 0, unsatisfied = 1;
  for (std::size_t i = 0; i < row.hits.size(); ++i) {
    if (row.hits[i] == 0) continue;
    const double satisfied = exponential_gain(row.weight(i), row.max_weight);
    sum += unsatisfied * satisfied / static_cast<double>(i + 1);
    unsatisfied *= 1 - satisfied;
  }
  return sum;
}

constexpr Measure kGradedMeasures[] = {
    // 1/n Σ_r DCG_r / ideal_r; DCG_r = Σ_{i≤k} w(r,i) / log2(i+1), w(r,i) the weight of a hit; ideal_r of the best
    // list.
    {.name = "ndcg-linear", .gained = [](const JudgedRow& row) { return gain_ratio(row, linear_gain); }},
    // The same with the gain 2^w - 1 (Burges et al., 2005).
    {.name = "ndcg-exp", .gained = exponential_ndcg},
    // Expected reciprocal rank (Chapelle et al., 2009); m is the largest weight of the truth of all rows.
    {.name = "err", .gained = expected_reciprocal_rank},
};

}  // namespace

std::span<const Measure> graded_measures() {
  return kGradedMeasures;
}

}  // namespace xmr
