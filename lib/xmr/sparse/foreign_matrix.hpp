#pragma once
// Matrices that other programs wrote, read into memory as they are stored: the columns of a row in any order, repeated
// ones too. MatrixFile and PredictionFile read all files of others through this.
//
//   .npy                 a dense array of two dimensions; zeros are no entries
//   .npz of SciPy        csr, csc, coo, bsr, dia, of matrices and of sparse arrays (member _is_array), also with room
//                        behind the last entry (SciPy's prune() was not called)
//   .npz of NumPy        data, indices, indptr and shape without a format: csr if indptr has a boundary for each row,
//                        else csc; a single array of two dimensions: dense
//
// Numbers have any type of NumPy's that is little-endian and fixed in width. Indices are inside the shape, values
// finite. Errors: FormatError with member and position; the hint is a command. Thread rule: pure functions.

#include <string>
#include <string_view>

#include "xmr/io/npz_file.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

struct ForeignMatrix {
  CsrMatrix rows;
  bool is_dense = false;  // it was an array of all entries
};

ForeignMatrix read_foreign_matrix(const NpzFile& file);
// A whole .npy file; `name` is used in messages.
ForeignMatrix read_npy_matrix(const std::string& name, std::string_view bytes);

}  // namespace xmr
