#pragma once
// Reads and writes sparse matrices in files: aligned .npz, which scipy.sparse.load_npz opens.
//
//   xmr::CsrMatrix rows(3);   // 3 columns
//   rows.push(0, 1.0F);
//   rows.push(2, 0.5F);
//   rows.end_row();
//   xmr::api::write_matrix("X.npz", rows);
//   const xmr::api::Matrix x("X.npz");
//   const xmr::SparseRow first = x.view().row(0);
//
// Errors: IoError; FormatError if a file is no matrix; DataError if a matrix is not valid. Thread rule: const methods
// from any thread.

#include <memory>
#include <string>

#include "xmr/sparse/csr.hpp"
#include "xmr/util/error.hpp"

namespace xmr::api {

// A matrix in a file of this project, SciPy or NumPy. Copies share it. A file of this project is mapped, another is
// converted in memory. Opening checks all entries.
class Matrix {
 public:
  explicit Matrix(const std::string& path);

  // Valid as long as a copy of the matrix.
  CsrView view() const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

// Writes a matrix as .npz; the file appears when it is complete. If the matrix breaks an invariant of CsrView, throws
// DataError and writes nothing.
void write_matrix(const std::string& path, CsrView matrix);

}  // namespace xmr::api
