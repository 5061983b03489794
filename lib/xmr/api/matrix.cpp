#include "xmr/api/matrix.hpp"

#include <cstddef>

#include <fmt/format.h>

#include "xmr/api/checked_row.hpp"
#include "xmr/io/json.hpp"
#include "xmr/sparse/matrix_file.hpp"

namespace xmr::api {

struct Matrix::State {
  explicit State(const std::string& path) : file(path) {}

  MatrixFile file;
};

Matrix::Matrix(const std::string& path) : state_(std::make_shared<const State>(path)) {}

CsrView Matrix::view() const {
  return state_->file.view();
}

void write_matrix(const std::string& path, CsrView matrix) {
  if (matrix.cols > kMaxColumns)
    throw DataError(path, fmt::format("{} columns, at most 2^31 are allowed", matrix.cols));
  if (matrix.indptr.size() != matrix.rows + 1 || matrix.indptr.front() != 0 || matrix.indptr.back() != matrix.nnz() ||
      matrix.values.size() != matrix.nnz())
    throw DataError(path, "indptr must have rows+1 entries, the first 0, the last the number of entries");
  for (Row row = 0; row < matrix.rows; ++row)
    if (matrix.indptr[row] > matrix.indptr[row + 1])
      throw DataError(path, fmt::format("indptr decreases at row {}", row));
  for (Row row = 0; row < matrix.rows; ++row) {
    require_valid(matrix.row(row), matrix.cols, fmt::format("{}: row {}", path, row));
    for (const float value : matrix.row(row).values)
      if (value == 0) throw DataError(path, fmt::format("row {}: an entry is 0", row));
  }
  xmr::write_matrix(path, matrix, Json::object());
}

}  // namespace xmr::api
