#include "xmr/sparse/matrix_file.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "xmr/io/file.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::string_view kKind = "matrix";
constexpr int kFormatVersion = 1;
constexpr std::uint64_t kMaxColumns = std::uint64_t{1} << 31;  // SciPy reads our 32-bit indices as signed

// The members of a SciPy archive, of any dtype, still unchecked.
struct Compressed {
  std::uint64_t rows = 0, cols = 0;
  bool by_column = false;
  NpyArray indptr, indices, data;

  std::uint64_t major() const { return by_column ? cols : rows; }
  std::uint64_t minor() const { return by_column ? rows : cols; }
};

void require_length(const NpyArray& array, std::uint64_t length) {
  if (array.shape.size() != 1 || array.size() != length)
    throw FormatError(array.name, fmt::format("must have {} items in one dimension", length));
}

std::string format_name(const NpzFile& file) {
  const NpyArray format = file.get("format");
  std::string name;
  for (const char c : format.bytes)
    if (c != '\0') name += c;  // UTF-32 or padded
  return name;
}

Compressed read_compressed(const NpzFile& file) {
  Compressed m;
  const std::string format = format_name(file);
  if (format != "csr" && format != "csc")
    throw FormatError(file.name(), fmt::format("member format is '{}'; allowed are csr and csc", format),
                      "in SciPy: scipy.sparse.save_npz(name, matrix.tocsr())");
  m.by_column = format == "csc";
  const NpyArray shape = file.get("shape");
  require_length(shape, 2);
  const std::vector<std::uint64_t> extents = shape.to<std::uint64_t>();
  m.rows = extents[0];
  m.cols = extents[1];
  if (m.rows > kMaxColumns * 2 || m.cols > kMaxColumns)
    throw FormatError(shape.name,
                      fmt::format("{} x {} is too large; at most 2^32 rows and 2^31 columns", m.rows, m.cols));
  m.indptr = file.get("indptr");
  m.indices = file.get("indices");
  m.data = file.get("data");
  require_length(m.indptr, m.major() + 1);
  require_length(m.indices, m.data.size());
  require_length(m.data, m.indices.size());
  for (const char* member : {"indptr", "indices", "data"})
    file.check(member);
  return m;
}

void check_indptr(const std::string& name, std::span<const Offset> indptr, std::uint64_t nnz) {
  if (indptr.front() != 0) throw FormatError(name, fmt::format("item 0: {} must be 0", indptr.front()));
  for (std::size_t i = 1; i < indptr.size(); ++i)
    if (indptr[i] < indptr[i - 1])
      throw FormatError(name, fmt::format("item {}: {} is less than the item before", i, indptr[i]));
  if (indptr.back() != nnz)
    throw FormatError(name, fmt::format("last item {} must be the number of entries, {}", indptr.back(), nnz));
}

void check_entries(const Compressed& m, std::span<const std::uint32_t> indices, std::span<const float> values) {
  for (std::size_t i = 0; i < indices.size(); ++i)
    if (indices[i] >= m.minor())
      throw FormatError(m.indices.name, fmt::format("item {}: {} is outside 0..{}", i, indices[i],
                                                    static_cast<std::int64_t>(m.minor()) - 1));
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      throw FormatError(m.data.name, fmt::format("item {}: {} is not a finite number", i, values[i]));
}

bool is_sorted_and_full(CsrView a) {
  for (Row r = 0; r < a.rows; ++r) {
    const SparseRow row = a.row(r);
    for (std::size_t i = 1; i < row.size(); ++i)
      if (row.indices[i] <= row.indices[i - 1]) return false;
  }
  return std::ranges::find(a.values, 0.0F) == a.values.end();
}

// Sorts each row, sums repeated columns, drops zeros.
CsrMatrix tidy(CsrView a) {
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
      if (sum != 0) out.push(column, sum);
    }
    out.end_row();
  }
  return out;
}

CsrMatrix convert(const Compressed& m) {
  std::vector<Offset> indptr = m.indptr.to<Offset>();
  std::vector<std::uint32_t> indices = m.indices.to<std::uint32_t>();
  std::vector<float> values = m.data.to<float>();
  check_indptr(m.indptr.name, indptr, indices.size());
  check_entries(m, indices, values);
  CsrMatrix matrix(m.minor(), std::move(indptr), std::move(indices), std::move(values));
  if (m.by_column) matrix = transpose(matrix);
  return is_sorted_and_full(matrix) ? std::move(matrix) : tidy(matrix);
}

CsrMatrix convert_dense(const NpyArray& array) {
  if (array.shape.size() != 2)
    throw FormatError(array.name, fmt::format("has {} dimensions; a matrix has 2", array.shape.size()));
  const std::uint64_t rows = array.shape[0], cols = array.shape[1];
  if (cols > kMaxColumns) throw FormatError(array.name, fmt::format("{} columns are more than 2^31", cols));
  const std::vector<float> values = array.to<float>();
  const std::uint64_t row_step = array.fortran_order ? 1 : cols, col_step = array.fortran_order ? rows : 1;
  CsrMatrix out(cols);
  for (Row r = 0; r < rows; ++r) {
    for (std::uint64_t c = 0; c < cols; ++c) {
      const float value = values[r * row_step + c * col_step];
      if (!std::isfinite(value))
        throw FormatError(array.name, fmt::format("row {}, column {}: {} is not a finite number", r, c, value));
      if (value != 0) out.push(static_cast<std::uint32_t>(c), value);
    }
    out.end_row();
  }
  return out;
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
  return nnz;
}

}  // namespace

MatrixFile::MatrixFile(const std::string& path) : content_(nlohmann::ordered_json::object()) {
  MappedFile mapped(path);
  name_ = mapped.name();
  const FileKind kind = recognize(mapped.bytes());
  if (kind == FileKind::npy) {
    owned_ = convert_dense(parse_npy(name_, mapped.bytes()));
    view_ = owned_;
    return;
  }
  if (kind == FileKind::text)
    throw FormatError(name_, "is no matrix: neither npz nor npy",
                      "text becomes a matrix by xmr-featurize apply (raw text) or import (XMC, svmlight)");
  file_ = std::make_unique<NpzFile>(std::move(mapped));
  if (!file_->has_meta()) {
    owned_ = convert(read_compressed(*file_));
    view_ = owned_;
    return;
  }
  file_->require_kind(kKind, kFormatVersion);
  content_ = file_->meta().content;
  const Compressed m = read_compressed(*file_);
  if (m.by_column) {
    owned_ = convert(m);
    view_ = owned_;
    return;
  }
  view_ = {m.rows, m.cols, m.indptr.as<Offset>(), m.indices.as<std::uint32_t>(), m.data.as<float>()};
  check_indptr(m.indptr.name, view_.indptr, view_.nnz());
  check_entries(m, view_.indices, view_.values);
  if (!is_sorted_and_full(view_)) throw FormatError(name_, "is no matrix of ours: unsorted, or with explicit zeros");
}

void write_sparse_members(NpzWriter& out, CsrView matrix) {
  write_members(out, matrix.cols, {&matrix, 1}, /*by_column=*/false);
}

std::uint64_t write_sparse_members(NpzWriter& out, std::uint64_t cols, std::span<const CsrMatrix> pieces) {
  const std::vector<CsrView> views(pieces.begin(), pieces.end());
  return write_members(out, cols, views, /*by_column=*/false);
}

Meta matrix_meta(nlohmann::ordered_json content) {
  return {.kind = std::string(kKind), .format_version = kFormatVersion, .content = std::move(content)};
}

void write_matrix(const std::string& path, CsrView matrix, const nlohmann::ordered_json& content) {
  require_columns(path, matrix.cols);
  NpzWriter out(path);
  write_sparse_members(out, matrix);
  out.commit(matrix_meta(content));
}

void write_matrix_by_column(const std::string& path, CsrView transposed, const nlohmann::ordered_json& content) {
  require_columns(path, transposed.rows);
  NpzWriter out(path);
  write_members(out, transposed.cols, {&transposed, 1}, /*by_column=*/true);
  out.commit(matrix_meta(content));
}

}  // namespace xmr
