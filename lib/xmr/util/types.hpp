#pragma once
// Integer types of ids. Columns (features, labels, nodes) are 32-bit. Counts of entries and positions in arrays are
// 64-bit.

#include <cstdint>

namespace xmr {

using Row = std::uint64_t;        // an instance: row of X and Y
using FeatureId = std::uint32_t;  // a column of X
using LabelId = std::uint32_t;    // a column of Y; line number in labels.txt
using NodeId = std::uint32_t;     // a node of one level of a label tree, numbered from 0 in tree order
using Offset = std::uint64_t;     // a position in an array of entries

// The labels first..last-1.
struct LabelRange {
  LabelId first = 0, last = 0;

  LabelId size() const { return last - first; }
  bool empty() const { return first >= last; }
  bool contains(LabelId label) const { return first <= label && label < last; }
};

// The maximum number of columns of a matrix: SciPy reads the 32-bit indices as signed.
inline constexpr std::uint64_t kMaxColumns = std::uint64_t{1} << 31;

}  // namespace xmr
