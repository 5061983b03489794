// Measures of scores that are probabilities.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "xmr/evaluate/measure.hpp"

namespace xmr {
namespace {

constexpr double kLeastProbability = 1e-7;

// The answers whose scores lie in one of 15 equal parts of 0..1.
struct ReliabilityBin {
  std::uint64_t hits = 0;
  double scores = 0;  // their sum
};
constexpr std::size_t kReliabilityBins = 15;

double sum_of_losses(const JudgedRow& row) {
  double sum = 0;
  for (std::size_t i = 0; i < row.hits.size(); ++i) {
    const double score = row.ranked.values[i];
    sum -= std::log(std::max(row.hits[i] != 0 ? score : 1 - score, kLeastProbability));
  }
  return sum;
}

double calibration_error(const Judged& judged, std::uint32_t k) {
  std::array<ReliabilityBin, kReliabilityBins> bins;
  std::uint64_t answers = 0;
  for (Row row = 0; row < judged.ranked.rows; ++row) {
    const auto hits = judged.hits_of(row);
    const SparseRow ranked = judged.ranked.row(row);
    for (std::size_t i = 0; i < std::min<std::size_t>(k, hits.size()); ++i) {
      const double score = ranked.values[i];
      ReliabilityBin& bin = bins[std::min(static_cast<std::size_t>(score * kReliabilityBins), kReliabilityBins - 1)];
      bin.hits += hits[i];
      bin.scores += score;
      ++answers;
    }
  }
  double errors = 0;
  for (const ReliabilityBin& bin : bins)
    errors += std::fabs(bin.scores - static_cast<double>(bin.hits));
  return answers == 0 ? 0 : errors / static_cast<double>(answers);
}

constexpr Measure kProbabilityMeasures[] = {
    // The mean of -ln max(q, 1e-7) over all answers within k; q is the score of a hit, 1 - score of any other answer.
    {.name = "logloss",
     .needs_probabilities = true,
     .gained = sum_of_losses,
     .attainable = [](const JudgedRow& row) { return static_cast<double>(row.hits.size()); }},
    // Expected calibration error: Σ_b |Σ score - Σ hit| / Σ answers over the answers within k, b the bin of the score.
    {.name = "ece", .needs_probabilities = true, .pooled = calibration_error},
};

}  // namespace

std::span<const Measure> probability_measures() {
  return kProbabilityMeasures;
}

}  // namespace xmr
