#pragma once
// Evidence in bins: each number becomes the count of its column's cuts that lie below it (0..255).
//
//   bin(x) = |{ cut : x > cut }|; a missing number (NaN) has bin 0
//
// Cuts are quantiles of a fixed sample, in which relevant and other candidates weigh the same: few candidates are
// relevant, and most of the numbers that matter lie among those. A column with missing numbers gets the lowest float
// as its first cut, so that bin 0 holds the missing numbers alone.
//
// Memory: 1 byte a number. Four columns lie together, which is a histogram of 16 KiB at a time.
// Thread rule: const methods from any thread. The same bins for any number of threads.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "xmr/boost/evidence_view.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

inline constexpr std::size_t kMaxBins = 256;
inline constexpr std::size_t kGroupColumns = 4;  // columns that lie together

class ColumnBins {
 public:
  using Bins = std::array<std::uint8_t, kGroupColumns>;

  // bins: 2..kMaxBins a column (ConfigError).
  ColumnBins(const LabelledEvidence& data, std::size_t bins, Parallel& parallel);

  std::size_t candidates() const { return candidates_; }
  std::size_t columns() const { return cuts_.size(); }
  std::size_t groups() const { return (columns() + kGroupColumns - 1) / kGroupColumns; }
  // Strictly increasing and finite.
  std::span<const float> cuts(std::size_t column) const { return cuts_[column]; }

  // The bins of columns kGroupColumns·group and following, by candidate.
  std::span<const Bins> group(std::size_t group) const {
    return std::span(bins_).subspan(group * candidates_, candidates_);
  }
  std::uint8_t bin(std::size_t candidate, std::size_t column) const {
    return bins_[column / kGroupColumns * candidates_ + candidate][column % kGroupColumns];
  }

 private:
  std::size_t candidates_;
  std::vector<std::vector<float>> cuts_;  // by column
  std::vector<Bins> bins_;                // groups × candidates
};

}  // namespace xmr
