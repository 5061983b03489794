#pragma once
// Logistic weights over evidence, each column standardised and in three forms:
//
//   margin = constant + Σ over columns: a · z + b · z / (1 + |z|),   or c if the number is missing (NaN)
//   z      = (x - center) / scale, limited to -10..10
//
// Thread rule: const methods from any thread. Allocates nothing when it scores. The same bits on every machine.

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "xmr/boost/evidence_view.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"

namespace xmr {

// Weights of a column.
struct ColumnWeights {
  double center = 0, scale = 1;  // scale > 0
  double linear = 0, bounded = 0, missing = 0;

  static constexpr double kMaxDistance = 10;  // of z
  double standardised(float x) const {
    return std::clamp((static_cast<double>(x) - center) / scale, -kMaxDistance, kMaxDistance);
  }
  bool operator==(const ColumnWeights&) const = default;
};

struct LogisticWeights {
  double constant = 0;
  std::vector<ColumnWeights> of_columns;  // none: the margin is the constant

  std::size_t columns() const { return of_columns.size(); }
  double margin(std::span<const float> row) const;
  // Writes the same margins for the candidates of a tile (evidence_view.hpp), many at once.
  void margins(std::span<const float> tile, std::span<double, kTileCandidates> margins) const;

  // Members of an archive, each name behind the prefix. read() throws FormatError for more than `columns` columns,
  // numbers that are not finite, or a scale that is not positive.
  void write(NpzWriter& out, const std::string& prefix) const;
  static LogisticWeights read(const NpzFile& file, const std::string& prefix, std::size_t columns);

  bool operator==(const LogisticWeights&) const = default;
};

}  // namespace xmr
