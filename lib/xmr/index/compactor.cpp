#include "xmr/index/compactor.hpp"

#include <algorithm>
#include <utility>

namespace xmr {

CsrMatrix Compactor::copy(CsrView from, std::span<const std::uint32_t> rows) {
  constexpr std::uint32_t kNumbered = 0x80000000U;  // more than the rows of a matrix
  columns_.resize(std::max<std::size_t>(columns_.size(), from.cols));
  for (const std::uint32_t r : rows)
    for (const std::uint32_t column : from.row(r).indices)
      ++columns_[column];

  std::uint32_t columns = 0;
  std::vector<Offset> indptr{0};
  std::vector<std::uint32_t> indices;
  std::vector<float> values;
  indptr.reserve(rows.size() + 1);
  for (const std::uint32_t r : rows) {
    const SparseRow row = from.row(r);
    for (std::size_t i = 0; i < row.size(); ++i) {
      std::uint32_t& column = columns_[row.indices[i]];
      if (column < 2) continue;
      if (column < kNumbered) column = kNumbered | columns++;
      indices.push_back(column & ~kNumbered);
      values.push_back(row.values[i]);
    }
    indptr.push_back(indices.size());
  }
  for (const std::uint32_t r : rows)
    for (const std::uint32_t column : from.row(r).indices)
      columns_[column] = 0;
  return {columns, std::move(indptr), std::move(indices), std::move(values)};
}

}  // namespace xmr
