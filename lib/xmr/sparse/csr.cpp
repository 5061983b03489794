#include "xmr/sparse/csr.hpp"

#include <cassert>

namespace xmr {

CsrMatrix::CsrMatrix(std::uint64_t cols, std::vector<Offset> indptr, std::vector<std::uint32_t> indices,
                     std::vector<float> values)
    : cols_(cols), indptr_(std::move(indptr)), indices_(std::move(indices)), values_(std::move(values)) {
  assert(!indptr_.empty() && indptr_.back() == indices_.size() && indices_.size() == values_.size());
}

void CsrMatrix::reserve(std::uint64_t rows, std::uint64_t nnz) {
  indptr_.reserve(rows + 1);
  indices_.reserve(nnz);
  values_.reserve(nnz);
}

void CsrMatrix::clear() {
  indptr_.assign(1, 0);
  indices_.clear();
  values_.clear();
}

void CsrMatrix::append_row(SparseRow row) {
  indices_.insert(indices_.end(), row.indices.begin(), row.indices.end());
  values_.insert(values_.end(), row.values.begin(), row.values.end());
  end_row();
}

}  // namespace xmr
