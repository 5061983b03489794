#pragma once
// Matrices in files. Ours are aligned .npz with SciPy's member names (format, shape, indptr, indices, data) and are
// used in place. Files of other programs (foreign_matrix.hpp) are converted in memory: rows sorted, repeated entries
// summed, zeros dropped. Values must be finite; indices must be inside the shape (FormatError with member and
// position).
//
// A matrix is checked when it is opened, which reads all of it. A caller that needs few rows checks only those:
//   const MatrixFile x("X.npz", MatrixFile::Check::rows);   x.check_rows(100, 200);   x.view().row(150)

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xmr/io/json.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/sparse/foreign_matrix.hpp"
#include "xmr/sparse/stored_matrix.hpp"

namespace xmr {

class MatrixFile {
 public:
  enum class Check : std::uint8_t {
    all,   // now
    rows,  // by check_rows(), before they are used; other rows must not be looked at
  };
  explicit MatrixFile(const std::string& path, Check check = Check::all);
  // A matrix made in memory, under the name of its files.
  MatrixFile(std::string name, CsrMatrix matrix, Json content);

  CsrView view() const { return view_; }
  // Checks rows before use: the rows with a flag, or first..last-1. FormatError for damaged ones; does nothing if all
  // were checked. From any thread.
  void check_rows(const std::vector<bool>& rows) const;
  void check_rows(Row first, Row last) const;
  // Call before checked rows are used in random order: if the file is larger than memory, only the pages of these rows
  // are then read.
  void expect_random_reads() const noexcept;
  // Frees the memory of a mapped matrix; the next access reads the file again.
  void drop_pages() const noexcept;
  // As fingerprint(view()). If the file has checksums, does not read the entries.
  std::string fingerprint() const;
  // Returns false for a matrix that was converted in memory.
  bool is_mapped() const { return file_ != nullptr; }
  const std::string& name() const { return name_; }
  // Returns true if the file is an array of all entries, zeros too.
  bool is_dense() const { return is_dense_; }
  // Options and fingerprints that the writer recorded; an empty object for foreign files.
  const Json& content() const { return content_; }
  // Returns the recorded fingerprint of the vectorizer that made it, or empty.
  std::string vectorizer() const;

 private:
  void own(ForeignMatrix matrix);

  std::string name_;
  bool is_dense_ = false;
  std::unique_ptr<NpzFile> file_;       // keeps the mapping alive when used in place, else empty
  std::optional<StoredMatrix> stored_;  // in it
  bool is_checked_ = true;
  CsrMatrix owned_;
  CsrView view_;
  Json content_;
};

// Return the columns of a sparse matrix in a file, ours or foreign, as rows.
//   read_columns            as in a MatrixFile: sorted, repeated entries summed, zeros dropped
//   read_columns_as_stored  entries in the order of the file if it is stored by columns, repeated ones and zeros, too
CsrMatrix read_columns(const std::string& path);
CsrMatrix read_columns_as_stored(const std::string& path);

// Adds SciPy's members to an archive of any kind.
void write_sparse_members(NpzWriter& out, CsrView matrix);

// Adds SciPy's members for a matrix in consecutive pieces of rows. Returns the number of entries.
std::uint64_t write_sparse_members(NpzWriter& out, std::uint64_t cols, std::span<const CsrView> pieces);
std::uint64_t write_sparse_members(NpzWriter& out, std::uint64_t cols, std::span<const CsrMatrix> pieces);
Meta matrix_meta(Json content);

// Writes `matrix` with kind "matrix"; `content` goes into meta.json.
void write_matrix(const std::string& path, CsrView matrix, const Json& content);
// Writes a matrix by columns (SciPy's "csc"), for other programs. `transposed` has a row for each column of the matrix.
void write_matrix_by_column(const std::string& path, CsrView transposed, const Json& content);

}  // namespace xmr
