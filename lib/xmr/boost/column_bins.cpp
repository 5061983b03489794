#include "xmr/boost/column_bins.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::size_t kSampled = 100'000;  // candidates of each class
constexpr std::size_t kBinnedTogether = 4096;

// Candidates that the cuts are made from, and the weight of each.
struct Sample {
  std::vector<std::uint32_t> candidates;
  std::vector<double> weights;
};

Sample sample_of(std::span<const std::uint8_t> targets) {
  Sample sample;
  for (std::uint8_t target = 0; target <= 1; ++target) {
    const auto size = static_cast<std::size_t>(std::ranges::count(targets, target));
    const std::size_t step = std::max<std::size_t>(1, (size + kSampled - 1) / kSampled);
    std::size_t seen = 0;
    for (std::size_t candidate = 0; candidate < targets.size(); ++candidate)
      if (targets[candidate] == target && seen++ % step == 0)
        sample.candidates.push_back(static_cast<std::uint32_t>(candidate));
    const std::size_t before = sample.weights.size();
    const std::size_t taken = sample.candidates.size() - before;
    sample.weights.resize(before + taken, taken == 0 ? 0.0 : 1.0 / static_cast<double>(taken));
  }
  return sample;
}

// Above a, not above b; a < b.
float between(float a, float b) {
  const float middle = a / 2 + b / 2;
  return middle >= a && middle < b ? middle : a;
}

std::vector<float> cuts_of(EvidenceView evidence, std::size_t column, const Sample& sample, std::size_t bins) {
  std::vector<std::pair<float, double>> values;
  double total = 0;
  for (std::size_t i = 0; i < sample.candidates.size(); ++i) {
    const float value = evidence.values[sample.candidates[i] * evidence.columns + column];
    if (std::isnan(value)) continue;
    values.emplace_back(value, sample.weights[i]);
    total += sample.weights[i];
  }
  std::vector<float> cuts;
  if (values.size() < sample.candidates.size()) cuts.push_back(std::numeric_limits<float>::lowest());
  std::ranges::sort(values);
  const std::size_t most = bins - 1 - cuts.size();
  std::size_t distinct = 0;
  for (std::size_t i = 1; i < values.size(); ++i)
    distinct += values[i].first > values[i - 1].first ? 1 : 0;
  // With few distinct numbers a cut between any two, else a cut whenever another share of the weight has passed.
  const double share = distinct <= most ? 0 : total / static_cast<double>(most + 1);
  double passed = 0, wanted = share;
  for (std::size_t i = 0; i + 1 < values.size(); ++i) {
    passed += values[i].second;
    if (values[i].first == values[i + 1].first || passed < wanted) continue;
    if (cuts.size() == bins - 1) break;
    const float cut = between(values[i].first, values[i + 1].first);
    if (cuts.empty() || cut > cuts.back()) cuts.push_back(cut);
    while (share > 0 && wanted <= passed)
      wanted += share;
  }
  return cuts;
}

std::uint8_t bin_of(float value, std::span<const float> cuts) {
  if (std::isnan(value)) return 0;
  return static_cast<std::uint8_t>(std::ranges::lower_bound(cuts, value) - cuts.begin());
}

}  // namespace

ColumnBins::ColumnBins(const LabelledEvidence& data, std::size_t bins, Parallel& parallel)
    : candidates_(data.candidates()), cuts_(data.evidence.columns) {
  if (bins < 2 || bins > kMaxBins) throw ConfigError(fmt::format("bins: {} is outside 2..{}", bins, kMaxBins));
  const Sample sample = sample_of(data.targets);
  parallel.for_each(
      columns(), [&](std::size_t column, unsigned) { cuts_[column] = cuts_of(data.evidence, column, sample, bins); });
  bins_.assign(groups() * candidates_, Bins{});
  parallel.for_blocks(candidates_, kBinnedTogether, [&](std::size_t begin, std::size_t end, unsigned) {
    for (std::size_t candidate = begin; candidate < end; ++candidate) {
      const auto row = data.evidence.row(candidate);
      for (std::size_t column = 0; column < row.size(); ++column)
        bins_[column / kGroupColumns * candidates_ + candidate][column % kGroupColumns] =
            bin_of(row[column], cuts_[column]);
    }
  });
}

}  // namespace xmr
