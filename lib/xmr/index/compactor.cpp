#include "xmr/index/compactor.hpp"

#include <algorithm>
#include <utility>

namespace xmr {
namespace {

constexpr std::uint32_t kNumbered = 0x80000000U;  // more than the rows of a matrix

}  // namespace

void Compactor::count(SparseRow row) {
  for (const std::uint32_t column : row.indices) {
    const std::uint32_t uses = ++columns_[column];
    kept_ += uses == 2 ? 2 : uses > 2 ? 1 : 0;
  }
}

std::uint32_t Compactor::number(std::uint32_t column) {
  std::uint32_t& entry = columns_[column];
  if (entry < 2) return CsrMatrix::kNoColumn;
  if (entry < kNumbered) entry = kNumbered | numbered_++;
  return entry & ~kNumbered;
}

CsrMatrix Compactor::copy(CsrView from, std::span<const std::uint32_t> rows) {
  columns_.resize(std::max<std::size_t>(columns_.size(), from.cols));
  numbered_ = 0;
  kept_ = 0;
  for (const std::uint32_t r : rows)
    count(from.row(r));
  std::vector<Offset> indptr{0};
  std::vector<std::uint32_t> indices(kept_);
  std::vector<float> values(kept_);
  indptr.reserve(rows.size() + 1);
  std::size_t next = 0;
  for (const std::uint32_t r : rows) {
    const SparseRow row = from.row(r);
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::uint32_t column = number(row.indices[i]);
      if (column == CsrMatrix::kNoColumn) continue;
      indices[next] = column;
      values[next++] = row.values[i];
    }
    indptr.push_back(next);
  }
  for (const std::uint32_t r : rows)
    for (const std::uint32_t column : from.row(r).indices)
      columns_[column] = 0;
  return {numbered_, std::move(indptr), std::move(indices), std::move(values)};
}

CsrMatrix Compactor::compact(CsrMatrix matrix) {
  columns_.resize(std::max<std::size_t>(columns_.size(), matrix.cols()));
  numbered_ = 0;
  for (Row r = 0; r < matrix.rows(); ++r)
    count(matrix.view().row(r));
  matrix.renumber_columns([&](std::uint32_t column) { return number(column); });
  matrix.set_cols(numbered_);
  std::ranges::fill(columns_, 0U);
  return matrix;
}

}  // namespace xmr
