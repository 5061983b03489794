#include "xmr/sparse/stored_matrix.hpp"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kMaxRows = kMaxColumns * 2;
// Rows that only the shape tells of, because the matrix is stored by columns: no byte of the file vouches for them.
constexpr std::uint64_t kMaxUnseenRows = std::uint64_t{1} << 28;

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

}  // namespace

StoredMatrix::StoredMatrix(const NpzFile& file) {
  const std::string format = format_name(file);
  if (format != "csr" && format != "csc")
    throw FormatError(file.name(), fmt::format("member format is '{}'; allowed are csr and csc", format),
                      "in SciPy: scipy.sparse.save_npz(name, matrix.tocsr())");
  by_column_ = format == "csc";
  const NpyArray shape = file.get("shape");
  require_length(shape, 2);
  const std::vector<std::uint64_t> extents = shape.to<std::uint64_t>();
  rows_ = extents[0];
  cols_ = extents[1];
  if (rows_ > kMaxRows || cols_ > kMaxColumns)
    throw FormatError(shape.name,
                      fmt::format("{} x {} is too large; at most 2^32 rows and 2^31 columns", rows_, cols_));
  if (by_column_ && rows_ > kMaxUnseenRows)
    throw FormatError(shape.name, fmt::format("{} rows; by column at most {} are read", rows_, kMaxUnseenRows));
  indptr_ = file.get("indptr");
  indices_ = file.get("indices");
  data_ = file.get("data");
  require_length(indptr_, (by_column_ ? cols_ : rows_) + 1);
  require_length(indices_, data_.size());
  require_length(data_, indices_.size());
  for (const char* member : {"indptr", "indices", "data"})
    file.check(member);
}

// `stored` has the columns as rows if it is stored so.
void StoredMatrix::check(CsrView stored) const {
  const auto& [rows, cols, indptr, indices, values] = stored;
  if (indptr.front() != 0) throw FormatError(indptr_.name, fmt::format("item 0: {} must be 0", indptr.front()));
  for (std::size_t i = 1; i < indptr.size(); ++i)
    if (indptr[i] < indptr[i - 1])
      throw FormatError(indptr_.name, fmt::format("item {}: {} is less than the item before", i, indptr[i]));
  if (indptr.back() != indices.size())
    throw FormatError(indptr_.name,
                      fmt::format("last item {} must be the number of entries, {}", indptr.back(), indices.size()));
  for (std::size_t i = 0; i < indices.size(); ++i)
    if (indices[i] >= cols)
      throw FormatError(indices_.name, fmt::format("item {}: {} is outside 0..{}", i, indices[i],
                                                   static_cast<std::int64_t>(cols) - 1));
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      throw FormatError(data_.name, fmt::format("item {}: {} is not a finite number", i, values[i]));
}

CsrView StoredMatrix::in_place() const {
  const CsrView view{rows_, cols_, indptr_.as<Offset>(), indices_.as<std::uint32_t>(), data_.as<float>()};
  check(view);
  return view;
}

// By columns if it is stored so.
CsrMatrix StoredMatrix::as_stored() const {
  std::vector<Offset> indptr = indptr_.to<Offset>();
  std::vector<std::uint32_t> indices = indices_.to<std::uint32_t>();
  std::vector<float> values = data_.to<float>();
  const std::uint64_t minor = by_column_ ? rows_ : cols_;
  check({indptr.size() - 1, minor, indptr, indices, values});
  return {minor, std::move(indptr), std::move(indices), std::move(values)};
}

CsrMatrix StoredMatrix::copy() const {
  return by_column_ ? transpose(as_stored()) : as_stored();
}

CsrMatrix StoredMatrix::columns() const {
  return by_column_ ? as_stored() : transpose(as_stored());
}

}  // namespace xmr
