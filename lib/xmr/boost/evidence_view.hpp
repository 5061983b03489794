#pragma once
// The input of the learners in this module: candidates, the numbers known about each (its evidence), and their truth.
//
//   evidence   candidates × columns, row-major float; NaN marks a missing number, infinity is not allowed
//   targets    by candidate: 1 for a relevant label, else 0
//   weights    by candidate, ≥ 0; empty: all 1
//   starts     by candidate, the margin that a fit continues from; empty: 0. The fit is shrunk towards these margins.
//   queries    offsets (number of queries + 1): candidates queries[q] .. queries[q+1]-1 belong to query q
//
// Thread rule: views; whoever owns the memory keeps it alive.

#include <cstddef>
#include <cstdint>
#include <span>

namespace xmr {

struct EvidenceView {
  std::span<const float> values;
  std::size_t columns = 0;

  std::size_t candidates() const { return columns == 0 ? 0 : values.size() / columns; }
  std::span<const float> row(std::size_t candidate) const { return values.subspan(candidate * columns, columns); }
};

// Candidates that a kernel scores together. Their tile holds evidence by column: kTileCandidates numbers of each.
inline constexpr std::size_t kTileCandidates = 64;

struct LabelledEvidence {
  EvidenceView evidence;
  std::span<const std::uint8_t> targets;
  std::span<const float> weights = {};
  std::span<const double> starts = {};
  std::span<const std::uint64_t> queries;

  std::size_t candidates() const { return targets.size(); }
  std::size_t number_of_queries() const { return queries.empty() ? 0 : queries.size() - 1; }
  float weight(std::size_t candidate) const { return weights.empty() ? 1.0F : weights[candidate]; }
  double start(std::size_t candidate) const { return starts.empty() ? 0.0 : starts[candidate]; }
};

// A fit counts candidates in 24 bits.
inline constexpr std::uint64_t kMaxCandidates = (std::uint64_t{1} << 24) - 1;
inline constexpr std::size_t kMaxEvidenceColumns = 4096;

// Throws ConfigError for sizes that do not fit each other or exceed the limits; DataError with candidate and column for
// an infinite number, a target other than 0 and 1, a weight that is negative or not finite, a start that is not finite.
void check(const LabelledEvidence& evidence);

}  // namespace xmr
