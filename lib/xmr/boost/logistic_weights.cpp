#include "xmr/boost/logistic_weights.hpp"

#include <array>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "xmr/util/error.hpp"
#include "xmr/util/targets.hpp"

#define HWY_TARGET_INCLUDE "xmr/boost/logistic_weights.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace xmr::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Each margin takes the columns in order, as LogisticWeights::margin does. Several vectors hide the latency of
// divisions.
void logistic_margins(const LogisticWeights& weights, const float* tile, double* margins) {
  const hn::CappedTag<double, 8> d;
  const hn::Rebind<float, decltype(d)> df;
  constexpr std::size_t kWidth = hn::MaxLanes(d), kVectors = kWidth == 1 ? 1 : 4;
  static_assert(kTileCandidates % (kVectors * kWidth) == 0);
  const auto one = hn::Set(d, 1.0);
  const auto lowest = hn::Set(d, -ColumnWeights::kMaxDistance), highest = hn::Set(d, ColumnWeights::kMaxDistance);
  for (std::size_t first = 0; first < kTileCandidates; first += kVectors * kWidth) {
    hn::Vec<decltype(d)> sums[kVectors];
    for (auto& sum : sums)
      sum = hn::Set(d, weights.constant);
    for (std::size_t column = 0; column < weights.columns(); ++column) {
      const ColumnWeights& of = weights.of_columns[column];
      const auto center = hn::Set(d, of.center), scale = hn::Set(d, of.scale);
      const auto linear = hn::Set(d, of.linear), bounded = hn::Set(d, of.bounded), missing = hn::Set(d, of.missing);
      const float* const numbers = tile + column * kTileCandidates + first;
      for (std::size_t v = 0; v < kVectors; ++v) {
        const auto x = hn::PromoteTo(d, hn::LoadU(df, numbers + v * kWidth));
        const auto z = hn::Min(hn::Max(hn::Div(hn::Sub(x, center), scale), lowest), highest);
        const auto told = hn::Add(hn::Mul(linear, z), hn::Div(hn::Mul(bounded, z), hn::Add(one, hn::Abs(z))));
        sums[v] = hn::Add(sums[v], hn::IfThenElse(hn::IsNaN(x), missing, told));
      }
    }
    for (std::size_t v = 0; v < kVectors; ++v)
      hn::StoreU(sums[v], d, margins + first + v * kWidth);
  }
}

}  // namespace
}  // namespace xmr::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace xmr {
namespace {

constexpr std::size_t kNumbers = 5;  // of a column in the file

}  // namespace

double LogisticWeights::margin(std::span<const float> row) const {
  double sum = constant;
  for (std::size_t column = 0; column < of_columns.size(); ++column) {
    const ColumnWeights& weights = of_columns[column];
    const double z = weights.standardised(row[column]);
    sum += std::isnan(row[column]) ? weights.missing : weights.linear * z + weights.bounded * z / (1 + std::fabs(z));
  }
  return sum;
}

void LogisticWeights::margins(std::span<const float> tile, std::span<double, kTileCandidates> margins) const {
  XMR_BEST_TARGET(logistic_margins)(*this, tile.data(), margins.data());
}

void LogisticWeights::write(NpzWriter& out, const std::string& prefix) const {
  std::vector<double> numbers;
  for (const ColumnWeights& column : of_columns)
    numbers.insert(numbers.end(), {column.center, column.scale, column.linear, column.bounded, column.missing});
  numbers.push_back(constant);
  out.add(prefix + "weights", numbers);
}

LogisticWeights LogisticWeights::read(const NpzFile& file, const std::string& prefix, std::size_t columns) {
  const auto numbers = file.array<double>(prefix + "weights");
  const auto fail = [&](const std::string& fault) {
    throw FormatError(file.name(), fmt::format("{}weights: {}", prefix, fault));
  };
  if (numbers.size() % kNumbers != 1 || numbers.size() / kNumbers > columns)
    fail(fmt::format("{} entries, 5 a column and 1 are needed, of at most {} columns", numbers.size(), columns));
  for (const double number : numbers)
    if (!(std::fabs(number) <= 1e30)) fail(fmt::format("{} is outside -1e30..1e30", number));
  LogisticWeights weights{numbers.back(), {}};
  for (std::size_t i = 0; i + kNumbers <= numbers.size(); i += kNumbers) {
    if (!(numbers[i + 1] > 0)) fail(fmt::format("scale {} is not positive", numbers[i + 1]));
    weights.of_columns.push_back({numbers[i], numbers[i + 1], numbers[i + 2], numbers[i + 3], numbers[i + 4]});
  }
  return weights;
}

}  // namespace xmr
#endif
