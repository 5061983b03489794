#pragma once
// The members with which SciPy stores a sparse matrix (format, shape, indptr, indices, data), by rows (csr) or by
// columns (csc), found in an archive and checked: sizes, checksums, offsets, indices inside the shape, values finite.
// Rows may be in any order and repeat columns: what follows from that is decided by MatrixFile and PredictionFile.
// Errors: FormatError with member and position. Cost: one pass over the entries. The archive must outlive it.

#include "xmr/io/npz.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

class StoredMatrix {
 public:
  explicit StoredMatrix(const NpzFile& file);

  bool by_column() const { return by_column_; }
  // The arrays where they are in the file. Only by rows, of the types that we write.
  CsrView in_place() const;
  // In memory, by rows, whatever the types.
  CsrMatrix copy() const;
  // In memory, the columns as rows; of what is stored by columns each in the order of the file.
  CsrMatrix columns() const;

 private:
  std::uint64_t rows_ = 0, cols_ = 0;
  bool by_column_ = false;
  NpyArray indptr_, indices_, data_;

  void check(CsrView stored) const;
  CsrMatrix as_stored() const;
};

}  // namespace xmr
