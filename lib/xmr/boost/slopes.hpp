#pragma once
// First and second derivatives of a loss by the margin of each candidate, as whole numbers: sums of whole numbers do
// not depend on their order, so histograms are exact, and a parent less one child is the other child.
//
//   slope       units of 2^-30 of the largest weight
//   curvature   units of 2^-16 of the largest weight, in the low 40 bits; above them the number of candidates
//
// Losses, y the target, w the weight, z the margin:
//
//   logistic   Σ w · ln(1 + exp(-z)) for y = 1, w · ln(1 + exp(z)) for y = 0
//   softmax    of each query that has a relevant candidate: -Σ t · ln p, p = exp(z) / Σ exp(z) over the query's
//              candidates, t = y w / Σ y w; weights count among the relevant candidates only
//              (ListNet: Cao et al., ICML 2007)
//
// Thread rule: pure functions. The same result for any number of threads.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "xmr/boost/evidence_view.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

enum class Objective : std::uint8_t { logistic, softmax };

struct Slopes {
  std::int64_t slope = 0;
  std::uint64_t packed = 0;

  static constexpr int kCountShift = 40;
  static constexpr double kSlopeUnit = 0x1p-30, kCurvatureUnit = 0x1p-16;

  std::uint64_t count() const { return packed >> kCountShift; }
  double first() const { return static_cast<double>(slope) * kSlopeUnit; }
  double second() const {
    return static_cast<double>(packed & ((std::uint64_t{1} << kCountShift) - 1)) * kCurvatureUnit;
  }
  Slopes& operator+=(const Slopes& other) {
    slope += other.slope;
    packed += other.packed;
    return *this;
  }
  Slopes& operator-=(const Slopes& other) {
    slope -= other.slope;
    packed -= other.packed;
    return *this;
  }
  bool operator==(const Slopes&) const = default;
};

// The largest weight, or 1 if all are 0: the unit of slopes.
double weight_unit(const LabelledEvidence& data);

// Writes the derivatives at these margins, in units of `unit`.
void find_slopes(Objective objective, const LabelledEvidence& data, std::span<const double> margins, double unit,
                 std::span<Slopes> slopes, Parallel& parallel);

// Returns the mean loss of a candidate (logistic, by weight) or of a query with a relevant candidate (softmax), or 0.
double mean_loss(Objective objective, const LabelledEvidence& data, std::span<const double> margins,
                 Parallel& parallel);

}  // namespace xmr
