#include "xmr/sparse/stored_matrix.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "xmr/sparse/operations.hpp"
#include "xmr/sparse/row_sums.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kMaxRows = kMaxColumns * 2;

void require_length(const NpyArray& array, std::uint64_t length) {
  if (array.shape.size() != 1 || array.size() != length)
    throw FormatError(array.name, fmt::format("must have {} items in one dimension", length));
}

}  // namespace

std::string command_to_finite(const std::string& file) {
  if (file == "<stdin>") return {};
  return fmt::format(
      "python3 -c 'import sys, numpy, scipy.sparse as s; m = s.load_npz(sys.argv[1]).tocsr(); m.data = "
      "numpy.nan_to_num(m.data, posinf=0, neginf=0).clip(-3e38, 3e38); s.save_npz(sys.argv[2], m)' {} {}",
      shell_word(file), shell_word(file + ".finite.npz"));
}

bool is_tidy(CsrView a, Row first, Row last) {
  for (Row r = first; r < last; ++r) {
    const SparseRow row = a.row(r);
    for (std::size_t i = 1; i < row.size(); ++i)
      if (row.indices[i] <= row.indices[i - 1]) return false;
  }
  const auto values = a.values.subspan(a.indptr[first], a.indptr[last] - a.indptr[first]);
  return std::ranges::find(values, 0.0F) == values.end();
}

std::string sparse_format(const NpzFile& file) {
  const NpyArray format = file.get("format");
  std::string name;
  for (const char c : format.bytes)
    if (c != '\0') name += c;  // UTF-32 or padded
  return name;
}

StoredMatrix::StoredMatrix(const NpzFile& file) : file_(&file) {
  for (const char* member : {"shape", "indptr", "indices", "data"})
    if (!file.has_meta() && !file.has(member))
      throw FormatError(
          file.name(),
          fmt::format("holds no matrix: member {} is missing; it has {}", member, fmt::join(file.members(), ", ")),
          "in Python: scipy.sparse.save_npz('X.npz', matrix), or numpy.save('X.npy', array) of a dense one");
  const std::string format = file.has("format") ? sparse_format(file) : "";
  if (!format.empty() && format != "csr" && format != "csc")
    throw FormatError(file.name(), fmt::format("member format is '{}'; allowed are csr, csc, coo, bsr and dia", format),
                      "in Python: scipy.sparse.save_npz('X.npz', matrix.tocsr())");
  by_column_ = format == "csc";
  const NpyArray shape = file.get("shape");
  require_length(shape, 2);
  const std::vector<std::uint64_t> extents = shape.to<std::uint64_t>();
  rows_ = extents[0];
  cols_ = extents[1];
  if (rows_ > kMaxRows || cols_ > kMaxColumns)
    throw FormatError(shape.name,
                      fmt::format("{} x {} is too large; at most 2^32 rows and 2^31 columns", rows_, cols_));
  indptr_ = file.get("indptr");
  indices_ = file.get("indices");
  data_ = file.get("data");
  if (format.empty()) by_column_ = indptr_.size() != rows_ + 1 && indptr_.size() == cols_ + 1;
  require_length(indptr_, (by_column_ ? cols_ : rows_) + 1);
  require_length(indices_, data_.size());
  require_length(data_, indices_.size());
  if (by_column_ && rows_ > kMaxUnseenRows)
    throw FormatError(shape.name, fmt::format("{} rows; by column at most {} are read", rows_, kMaxUnseenRows));
}

// `stored` has the columns as rows if it is stored so.
void StoredMatrix::check_offsets(CsrView stored) const {
  const std::span<const Offset> indptr = stored.indptr;
  if (indptr.front() != 0) throw FormatError(indptr_.name, fmt::format("item 0: {} must be 0", indptr.front()));
  for (std::size_t i = 1; i < indptr.size(); ++i)
    if (indptr[i] < indptr[i - 1])
      throw FormatError(indptr_.name, fmt::format("item {}: {} is less than the item before", i, indptr[i]));
  if (indptr.back() != stored.nnz())
    throw FormatError(indptr_.name,
                      fmt::format("last item {} must be the number of entries, {}", indptr.back(), stored.nnz()));
}

void StoredMatrix::check_entries(CsrView stored, Offset begin, Offset end) const {
  for (Offset i = begin; i < end; ++i)
    if (stored.indices[i] >= stored.cols)
      throw FormatError(indices_.name, fmt::format("item {}: {} is outside 0..{}", i, stored.indices[i],
                                                   static_cast<std::int64_t>(stored.cols) - 1));
  for (Offset i = begin; i < end; ++i)
    if (!std::isfinite(stored.values[i]))
      throw FormatError(data_.name, fmt::format("item {}: {} is not a finite number", i, stored.values[i]),
                        file_->has_meta() ? "" : command_to_finite(file_->name()));
}

CsrView StoredMatrix::in_place() const {
  const CsrView view{rows_, cols_, indptr_.as<Offset>(), indices_.as<std::uint32_t>(), data_.as<float>()};
  file_->check(kSums);
  require_length(file_->get(kSums), (rows_ + kRowsOfSum - 1) / kRowsOfSum);
  check_offsets(view);
  return view;
}

void StoredMatrix::check_rows(CsrView view, Row first, Row last, Rows needed) const {
  const std::span<const std::uint64_t> sums = this->sums();
  for (Row begin = first / kRowsOfSum * kRowsOfSum; begin < last; begin += kRowsOfSum) {
    const Row end = std::min(begin + kRowsOfSum, view.rows);
    if (sum_of_rows(view, begin, end) != sums[begin / kRowsOfSum])
      throw FormatError(file_->name(),
                        fmt::format("rows {}..{}: checksum does not match: the file is damaged", begin, end - 1));
    check_entries(view, view.indptr[begin], view.indptr[end]);
    if (needed == Rows::tidy && !is_tidy(view, begin, end))
      throw FormatError(file_->name(), "is not a valid matrix: unsorted, or with explicit zeros");
  }
}

// By columns if it is stored so.
CsrMatrix StoredMatrix::as_stored() const {
  for (const char* member : {"indptr", "indices", "data"})
    file_->check(member);
  std::vector<Offset> indptr = indptr_.to<Offset>();
  std::vector<std::uint32_t> indices = indices_.to<std::uint32_t>();
  std::vector<float> values = data_.to<float>();
  if (const Offset entries = indptr.back(); entries < indices.size()) {  // the rest is room that SciPy did not cut off
    indices.resize(entries);
    values.resize(entries);
  }
  const std::uint64_t minor = by_column_ ? rows_ : cols_;
  const CsrView stored{indptr.size() - 1, minor, indptr, indices, values};
  check_offsets(stored);
  check_entries(stored, 0, stored.nnz());
  return {minor, std::move(indptr), std::move(indices), std::move(values)};
}

CsrMatrix StoredMatrix::copy() const {
  return by_column_ ? transpose(as_stored()) : as_stored();
}

CsrMatrix StoredMatrix::columns() const {
  return by_column_ ? as_stored() : transpose(as_stored());
}

}  // namespace xmr
