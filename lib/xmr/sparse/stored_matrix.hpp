#pragma once
// Finds and checks the members of a SciPy sparse matrix in an archive: format, shape, indptr, indices, data, by rows
// (csr) or by columns (csc). Checks: sizes, checksums, offsets, indices inside the shape, values finite. Without a
// format it is csr if indptr has a boundary for each row, else csc. In foreign arrays only the entries up to the last
// offset of indptr count, as in SciPy.
// Rows may be in any order and repeat columns, unless tidy ones are asked for.
//
//   copy()                       any file: all of it is checked by the archive's CRC-32
//   in_place(), check_rows()     our files, with checksums of blocks of rows (row_sums.hpp): rows are checked before
//                                they are used, in one pass; other rows are not read
//
// Errors: FormatError with member and position, or the rows that are damaged. The archive must outlive it. Thread rule:
// const methods from any thread.

#include <string>

#include "xmr/io/npz_file.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

// The limit of rows that only the shape counts, because the matrix is stored by columns or has no columns. No byte of
// the file proves that they exist.
inline constexpr std::uint64_t kMaxUnseenRows = std::uint64_t{1} << 28;

// Returns true if columns increase in each of the rows first..last-1 and no value is 0.
bool is_tidy(CsrView a, Row first, Row last);

// Returns the value of the member "format" of a file, such as "csr".
std::string sparse_format(const NpzFile& file);

class StoredMatrix {
 public:
  explicit StoredMatrix(const NpzFile& file);

  bool by_column() const { return by_column_; }
  // Returns true if it can be used in place: stored by rows, with their checksums.
  bool is_ours() const { return !by_column_ && file_->has(kSums); }
  // Returns the arrays in the file, of the types that we write. Checks only offsets and checksums.
  CsrView in_place() const;
  enum class Rows : std::uint8_t { any, tidy };
  // Checks the blocks of the rows first..last-1 of a view from in_place(). FormatError for damaged rows, or for untidy
  // rows if tidy ones are needed.
  void check_rows(CsrView view, Row first, Row last, Rows needed) const;
  std::span<const std::uint64_t> sums() const { return file_->array<std::uint64_t>(kSums); }  // of in_place()
  // Returns a copy in memory, by rows, from any types.
  CsrMatrix copy() const;
  // Returns a copy in memory with the columns as rows. Columns stored as such keep the order of the file.
  CsrMatrix columns() const;

 private:
  std::uint64_t rows_ = 0, cols_ = 0;
  bool by_column_ = false;
  NpyArray indptr_, indices_, data_;
  const NpzFile* file_;

  static constexpr const char* kSums = "sums";

  void check_offsets(CsrView stored) const;
  void check_entries(CsrView stored, Offset begin, Offset end) const;
  CsrMatrix as_stored() const;
};

// Returns the command that makes the values of an archive of SciPy finite; empty for stdin.
std::string command_to_finite(const std::string& file);

}  // namespace xmr
