#pragma once
// The members with which SciPy stores a sparse matrix (format, shape, indptr, indices, data), by rows (csr) or by
// columns (csc), found in an archive and checked: sizes, checksums, offsets, indices inside the shape, values finite.
// Rows may be in any order and repeat columns, unless tidy ones are asked for.
// Errors: FormatError with member and position; where a member is damaged it says that, whatever else is wrong. Cost:
// one pass over the entries, block by block: of a matrix in place that is larger than memory nothing is read twice. The
// archive must outlive it.

#include "xmr/io/npz.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

// Are columns increasing in each of the rows first..last-1, and no value 0?
bool is_tidy(CsrView a, Row first, Row last);

class StoredMatrix {
 public:
  explicit StoredMatrix(const NpzFile& file);

  bool by_column() const { return by_column_; }
  enum class Rows : std::uint8_t { any, tidy };
  // The arrays where they are in the file. Only by rows, of the types that we write. FormatError for other rows than
  // those that are needed.
  CsrView in_place(Rows needed) const;
  // In memory, by rows, whatever the types.
  CsrMatrix copy() const;
  // In memory, the columns as rows; of what is stored by columns each in the order of the file.
  CsrMatrix columns() const;

 private:
  std::uint64_t rows_ = 0, cols_ = 0;
  bool by_column_ = false;
  NpyArray indptr_, indices_, data_;
  const NpzFile* file_;

  void check_sums() const;
  void check_offsets(CsrView stored) const;
  void check_entries(CsrView stored, Offset begin, Offset end) const;
  CsrMatrix as_stored() const;
};

}  // namespace xmr
