#include "xmr/train/cost_model.hpp"

#include <algorithm>
#include <cmath>

#include "xmr/train/kept_weights.hpp"
#include "xmr/train/lane_solver.hpp"
#include "xmr/train/parent_rows.hpp"

namespace xmr {
namespace {

// Time. A pass visits the entries of the rows of each group; a row itself costs about as much as an entry. Parents with
// many rows need more passes, and their lines exceed the caches. A group of 16 children took 54, 107, 221 and 331 ns an
// entry if parents had 250, 4,900, 75,000 and 2,000,000 rows in the mean: about rows^0.2. Measured by the seconds of
// --stats, per level, on the synthetic set of a million labels (tests/bench, two processors of a Xeon with AVX-512).
constexpr double kExponentOfRows = 0.2;
// Nanoseconds for one unit of cost. By the CPU seconds of -j 1 it took 2.5 ns on S, 5.0 on debian-tags and 5.4 on
// debian-depends (words 1-2), whose X fits the caches, and 17.9 to 23.4 on the million labels above. This is the
// geometric mean.
constexpr double kNanosecondsOfUnit = 6;

// Memory of a row: its duals, its place in the order, its ProblemRow and the marks of its positives.
constexpr std::uint64_t kBytesOfLine = kLanes * sizeof(float);
constexpr std::uint64_t kBytesOfRow = kBytesOfLine + sizeof(std::uint32_t) + sizeof(ProblemRow) + sizeof(std::uint16_t);
// Memory of a copied entry: its index and its value.
constexpr std::uint64_t kBytesOfEntry = sizeof(std::uint32_t) + sizeof(float);
// Memory of a feature of copied rows: its line and its FeaturePlace.
constexpr std::uint64_t kBytesOfFeature = kBytesOfLine + sizeof(FeaturePlace);
// Memory of the table of all features of X that renumbers copied rows: a block of 12 bytes for 8 features.
constexpr std::uint64_t kBytesOfBlock = 12, kFeaturesOfBlock = 8;
// Memory of a kept weight while a chunk is made (kept_weights.hpp), the chunk included.
constexpr double kBytesOfKept = 12;
// A chunk stores a value of size_of(type) and about 2 bytes of place for a weight. The models of docs/xmr-train.md have
// 1.2 times 4 bytes for each feature of type f2, which features_of() expects.
constexpr double kChunkFactor = 1.2;
constexpr std::uint64_t kBytesOfPlace = 2;
// The same by rows (chunk.hpp): a row takes a slot of a hash table that is filled to about 0.63, or a byte beside a
// bitmap.
constexpr double kBytesOfSlot = 64.0 / 20 / 0.63;
constexpr double kBytesOfBitmap = 0.25;  // a feature of the model

}  // namespace

std::uint64_t entries_of(CsrView x, std::span<const std::uint32_t> rows) {
  std::uint64_t count = 0;
  for (const std::uint32_t row : rows)
    count += x.row(row).size();
  return count;
}

std::uint64_t solve_cost(std::uint64_t rows, std::uint64_t entries, std::uint64_t groups) {
  const auto visited = static_cast<double>(1 + rows + entries);
  return static_cast<std::uint64_t>(visited * static_cast<double>(groups) *
                                    std::pow(static_cast<double>(rows + 1), kExponentOfRows));
}

std::uint64_t solve_cost(CsrView x, std::span<const std::uint32_t> rows, std::uint64_t groups) {
  return solve_cost(rows.size(), entries_of(x, rows), groups);
}

double seconds_of_cost(double cost) {
  return cost * kNanosecondsOfUnit / 1e9;
}

std::uint64_t bytes_of_parent(CsrView x, std::uint64_t rows, std::uint64_t entries) {
  if (is_solved_in_place(rows, x.rows)) return kBytesOfRow * rows + kBytesOfLine * x.cols;
  return kBytesOfEntry * entries + kBytesOfRow * rows + kBytesOfFeature * std::min(x.cols, entries) +
         kBytesOfBlock * x.cols / kFeaturesOfBlock;
}

double distinct_features(CsrView x, std::uint64_t entries) {
  const auto features = static_cast<double>(x.cols);
  return -features * std::expm1(-static_cast<double>(entries) / features);
}

double features_of(CsrView x, std::span<const std::span<const std::uint32_t>> positives) {
  double features = 0;
  for (const std::span<const std::uint32_t> rows : positives)
    features += distinct_features(x, entries_of(x, rows));
  return features;
}

std::uint64_t bytes_of_collecting(double features) {
  return static_cast<std::uint64_t>(kBytesOfKept * features);
}

std::uint64_t bytes_of_chunk(double features, WeightType type) {
  return static_cast<std::uint64_t>(kChunkFactor * features * (size_of(type) + kBytesOfPlace) / 4);
}

double bytes_of_chunk(std::uint64_t features, std::uint32_t children, double rows, double weights, WeightType type) {
  const double table = std::min(kBytesOfSlot * rows, kBytesOfBitmap * static_cast<double>(features) + rows);
  const double places = std::min(weights, rows * children / 8);  // a byte a weight, or a bit a child
  return table + places + weights * size_of(type);
}

}  // namespace xmr
