#pragma once
// Compressed sparse rows, the only matrix type of the project: X (instances × features), Y (instances × labels), label
// vectors, weights.
//
// Invariants of a CsrView, which the reader of outside data checks: indptr has rows+1 increasing entries from 0 to nnz;
// indices of a row are strictly increasing and below cols; values are finite and not 0. Predictions are the exception:
// their rows are in rank order (predictions.hpp).

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/util/types.hpp"

namespace xmr {

struct SparseRow {
  std::span<const std::uint32_t> indices;
  std::span<const float> values;

  std::size_t size() const { return indices.size(); }
};

struct CsrView {
  std::uint64_t rows = 0;
  std::uint64_t cols = 0;
  std::span<const Offset> indptr;
  std::span<const std::uint32_t> indices;
  std::span<const float> values;

  std::uint64_t nnz() const { return indices.size(); }
  SparseRow row(Row r) const {
    const Offset begin = indptr[r], count = indptr[r + 1] - begin;
    return {indices.subspan(begin, count), values.subspan(begin, count)};
  }
};

// Owns its arrays. Built row by row:
//
//   CsrMatrix y(cols); y.push(3, 1.0F); y.push(7, 2.0F); y.end_row();
class CsrMatrix {
 public:
  explicit CsrMatrix(std::uint64_t cols = 0) : cols_(cols) {}
  CsrMatrix(std::uint64_t cols, std::vector<Offset> indptr, std::vector<std::uint32_t> indices,
            std::vector<float> values);

  void clear();  // removes all rows and keeps the memory
  void reserve(std::uint64_t rows, std::uint64_t nnz);
  void push(std::uint32_t column, float value) {
    indices_.push_back(column);
    values_.push_back(value);
  }
  void end_row() { indptr_.push_back(indices_.size()); }
  void append_row(SparseRow row);
  // Replaces the column of each entry, in order, by number(column). If that is kNoColumn, removes the entry.
  static constexpr std::uint32_t kNoColumn = 0xffffffffU;
  template <class Number>
  void renumber_columns(Number number);

  std::uint64_t rows() const { return indptr_.size() - 1; }
  std::uint64_t cols() const { return cols_; }
  void set_cols(std::uint64_t cols) { cols_ = cols; }
  CsrView view() const { return {rows(), cols_, indptr_, indices_, values_}; }
  operator CsrView() const { return view(); }  // NOLINT(google-explicit-constructor): an owner is usable as a view

  std::span<float> mutable_values() { return values_; }

 private:
  std::uint64_t cols_;
  std::vector<Offset> indptr_{0};
  std::vector<std::uint32_t> indices_;
  std::vector<float> values_;
};

template <class Number>
void CsrMatrix::renumber_columns(Number number) {
  Offset begin = 0, kept = 0;
  for (std::size_t row = 1; row < indptr_.size(); ++row) {
    const Offset end = indptr_[row];
    for (; begin < end; ++begin) {
      const std::uint32_t column = number(indices_[begin]);
      if (column == kNoColumn) continue;
      indices_[kept] = column;
      values_[kept++] = values_[begin];
    }
    indptr_[row] = kept;
  }
  indices_.resize(kept);
  values_.resize(kept);
}

}  // namespace xmr
