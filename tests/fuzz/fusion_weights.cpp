// Weights of a fusion, as JSON, and a ranking with them.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "xmr/combine/fusion.hpp"

#include "fuzz/fuzz.hpp"

FUZZ(bytes) {
  static MemoryFile file;
  xmr::Fusion fusion(xmr::FusionWeights::read(file.holding(bytes)), 10);
  constexpr std::array<xmr::LabelId, 3> kLabels = {2, 0, 1};
  constexpr std::array<float, 3> kScores = {3e38F, 0.5F, -3e38F};
  const std::vector<xmr::SparseRow> lists(fusion.lists(), xmr::SparseRow{kLabels, kScores});
  if (std::ranges::any_of(fusion(lists).values, [](float score) { return std::isnan(score); })) __builtin_trap();
}
