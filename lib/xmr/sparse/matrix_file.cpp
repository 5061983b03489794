#include "xmr/sparse/matrix_file.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "xmr/io/file.hpp"
#include "xmr/io/foreign_file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/sparse/foreign_matrix.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/sparse/row_sums.hpp"
#include "xmr/sparse/stored_matrix.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::string_view kKind = "matrix";
constexpr int kFormatVersion = 1;

// Sorts each row, sums repeated columns, drops zeros.
CsrMatrix tidy(const std::string& name, CsrView a) {
  CsrMatrix out(a.cols);
  out.reserve(a.rows, a.nnz());
  std::vector<std::size_t> order;
  for (Row r = 0; r < a.rows; ++r) {
    const SparseRow row = a.row(r);
    order.resize(row.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return row.indices[i]; });
    for (std::size_t i = 0; i < order.size();) {
      const std::uint32_t column = row.indices[order[i]];
      float sum = 0;
      for (; i < order.size() && row.indices[order[i]] == column; ++i)
        sum += row.values[order[i]];
      if (!std::isfinite(sum)) throw FormatError(name, "member data: the sum of repeated entries overflows");
      if (sum != 0) out.push(column, sum);
    }
    out.end_row();
  }
  return out;
}

CsrMatrix tidied(const std::string& name, CsrMatrix matrix) {
  return is_tidy(matrix, 0, matrix.rows()) ? std::move(matrix) : tidy(name, matrix);
}

void require_columns(const std::string& path, std::uint64_t cols) {
  if (cols > kMaxColumns)
    throw DataError(path, fmt::format("{} columns are more than the 2^31 that the format holds", cols));
}

// Rows in pieces, or, with `by_column`, the columns of the matrix as rows.
std::uint64_t write_members(NpzWriter& out, std::uint64_t minor, std::span<const CsrView> pieces, bool by_column) {
  std::uint64_t major = 0, nnz = 0;
  for (const CsrView& piece : pieces) {
    major += piece.rows;
    nnz += piece.nnz();
  }
  std::int64_t shape[2] = {static_cast<std::int64_t>(major), static_cast<std::int64_t>(minor)};
  if (by_column) std::swap(shape[0], shape[1]);
  out.add("format", DType::bytes, {}, by_column ? "csc" : "csr", 3);
  out.add("shape", std::span<const std::int64_t>(shape));
  const std::uint64_t boundaries = major + 1;
  Offset begin = 0;
  out.begin("indptr", DType::i8, {&boundaries, 1});
  out.append(std::span<const Offset>(&begin, 1));
  std::vector<Offset> ends;
  for (const CsrView& piece : pieces) {
    ends.assign(piece.indptr.begin() + 1, piece.indptr.end());
    for (Offset& end : ends)
      end += begin;
    out.append(std::span<const Offset>(ends));
    begin += piece.nnz();
  }
  out.end();
  out.begin("indices", DType::i4, {&nnz, 1});
  for (const CsrView& piece : pieces)
    out.append(piece.indices);
  out.end();
  out.begin("data", DType::f4, {&nnz, 1});
  for (const CsrView& piece : pieces)
    out.append(piece.values);
  out.end();
  if (!by_column) {
    RowSums sums;
    for (const CsrView& piece : pieces)
      for (Row row = 0; row < piece.rows; ++row)
        sums.add(piece.row(row));
    out.add("sums", sums.finish());
  }
  return nnz;
}

}  // namespace

MatrixFile::MatrixFile(std::string name, CsrMatrix matrix, Json content)
    : name_(std::move(name)), owned_(std::move(matrix)), view_(owned_), content_(std::move(content)) {}

MatrixFile::MatrixFile(const std::string& path, Check check) : content_(Json::object()) {
  MappedFile mapped(path);
  name_ = mapped.name();
  const FileKind kind = recognize(mapped.bytes());
  if (kind == FileKind::npy) {
    own(read_npy_matrix(name_, mapped.bytes()));
    return;
  }
  if (kind == FileKind::text) refuse_as_matrix(name_, mapped.bytes());
  file_ = std::make_unique<NpzFile>(std::move(mapped));
  if (!file_->has_meta()) {
    own(read_foreign_matrix(*file_));
    return;
  }
  file_->require_kind(kKind, kFormatVersion);
  content_ = file_->meta().content;
  const StoredMatrix stored(*file_);
  if (!stored.is_ours()) {
    own({stored.copy()});
    return;
  }
  stored_ = stored;
  view_ = stored.in_place();
  is_checked_ = false;
  if (check == Check::rows) return;
  check_rows(0, view_.rows);
  is_checked_ = true;
}

void MatrixFile::own(ForeignMatrix matrix) {
  is_dense_ = matrix.is_dense;
  owned_ = tidied(name_, std::move(matrix.rows));
  view_ = owned_;
  file_.reset();
}

void MatrixFile::check_rows(Row first, Row last) const {
  if (!is_checked_) stored_->check_rows(view_, first, last, StoredMatrix::Rows::tidy);
}

void MatrixFile::check_rows(const std::vector<bool>& rows) const {
  for (Row row = 0; row < rows.size(); ++row) {
    if (!rows[row]) continue;
    check_rows(row, row + 1);
    row = row / kRowsOfSum * kRowsOfSum + kRowsOfSum - 1;  // the block is checked
  }
}

void MatrixFile::expect_random_reads() const noexcept {
  if (file_) file_->expect_random_reads();
}

void MatrixFile::drop_pages() const noexcept {
  if (file_) file_->drop_pages();
}

std::string MatrixFile::fingerprint() const {
  return stored_ ? xmr::fingerprint(view_, stored_->sums()) : xmr::fingerprint(view_);
}

CsrMatrix read_columns(const std::string& path) {
  return tidied(path, read_columns_as_stored(path));
}

CsrMatrix read_columns_as_stored(const std::string& path) {
  const NpzFile file(path);
  if (file.has_meta()) file.require_kind(kKind, kFormatVersion);
  if (file.has("format") && sparse_format(file) == "csc") return StoredMatrix(file).columns();
  return transpose(read_foreign_matrix(file).rows);
}

void write_sparse_members(NpzWriter& out, CsrView matrix) {
  write_members(out, matrix.cols, {&matrix, 1}, /*by_column=*/false);
}

std::uint64_t write_sparse_members(NpzWriter& out, std::uint64_t cols, std::span<const CsrView> pieces) {
  return write_members(out, cols, pieces, /*by_column=*/false);
}

std::uint64_t write_sparse_members(NpzWriter& out, std::uint64_t cols, std::span<const CsrMatrix> pieces) {
  const std::vector<CsrView> views(pieces.begin(), pieces.end());
  return write_sparse_members(out, cols, views);
}

std::string MatrixFile::vectorizer() const {
  const Json* const found = content_.find("vectorizer");
  return found != nullptr && found->is_string() ? found->text() : std::string();
}

Meta matrix_meta(Json content) {
  return {.kind = std::string(kKind), .format_version = kFormatVersion, .content = std::move(content)};
}

void write_matrix(const std::string& path, CsrView matrix, const Json& content) {
  require_columns(path, matrix.cols);
  NpzWriter out(path);
  write_sparse_members(out, matrix);
  out.commit(matrix_meta(content));
}

void write_matrix_by_column(const std::string& path, CsrView transposed, const Json& content) {
  require_columns(path, transposed.rows);
  NpzWriter out(path);
  write_members(out, transposed.cols, {&transposed, 1}, /*by_column=*/true);
  out.commit(matrix_meta(content));
}

}  // namespace xmr
