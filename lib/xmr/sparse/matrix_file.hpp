#pragma once
// Matrices in files. Ours are aligned .npz with SciPy's member names (format, shape, indptr, indices, data) and are
// used in place. Those of other programs (foreign_matrix.hpp) are converted in memory: rows sorted, repeated entries
// summed, zeros dropped. Values must be finite; indices must be inside the shape (FormatError with member and
// position).
//
// A matrix is checked when it is opened, which reads all of it. Who needs few of its rows says so and checks those:
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
  // Rows that are to be used: those with a flag, or first..last-1. FormatError for damaged ones; does nothing where all
  // were checked. From any thread.
  void check_rows(const std::vector<bool>& rows) const;
  void check_rows(Row first, Row last) const;
  // Before rows that were checked are used in no order: where the file is larger than memory, no more is then read than
  // they are on.
  void expect_random_reads() const noexcept;
  // As fingerprint(view()), without looking at the entries where the file has checksums.
  std::string fingerprint() const;
  // False for what was converted into memory.
  bool is_mapped() const { return file_ != nullptr; }
  const std::string& name() const { return name_; }
  // Was it an array of all entries, zeros too?
  bool is_dense() const { return is_dense_; }
  // Options and fingerprints that the writer recorded; an empty object for foreign files.
  const Json& content() const { return content_; }
  // The fingerprint of the vectorizer that made it; empty if it is not recorded.
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

// The columns of a sparse matrix in a file, ours or anybody's, as rows.
//   read_columns            like those of a MatrixFile: sorted, repeated entries summed, zeros dropped
//   read_columns_as_stored  entries in the order of the file if it is stored by columns, repeated ones and zeros, too
CsrMatrix read_columns(const std::string& path);
CsrMatrix read_columns_as_stored(const std::string& path);

// Adds SciPy's members to an archive of any kind.
void write_sparse_members(NpzWriter& out, CsrView matrix);

// The same of a matrix in pieces of rows that follow each other. Returns the number of entries.
std::uint64_t write_sparse_members(NpzWriter& out, std::uint64_t cols, std::span<const CsrView> pieces);
std::uint64_t write_sparse_members(NpzWriter& out, std::uint64_t cols, std::span<const CsrMatrix> pieces);
Meta matrix_meta(Json content);

// Writes `matrix` with kind "matrix"; `content` goes into meta.json.
void write_matrix(const std::string& path, CsrView matrix, const Json& content);
// The same by columns (SciPy's "csc"), for other programs: `transposed` has a row for each column of what is written.
void write_matrix_by_column(const std::string& path, CsrView transposed, const Json& content);

}  // namespace xmr
