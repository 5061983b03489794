#include "xmr/sparse/foreign_matrix.hpp"

#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/io/zip_layout.hpp"
#include "xmr/sparse/stored_matrix.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

void require_rows(const std::string& name, std::uint64_t rows, std::uint64_t cols) {
  if (cols > kMaxColumns) throw FormatError(name, fmt::format("{} columns are more than 2^31", cols));
  if (rows > kMaxUnseenRows)
    throw FormatError(name, fmt::format("{} rows; so stored at most {} are read", rows, kMaxUnseenRows));
}

std::string file_of(const NpyArray& array) {
  return array.name.substr(0, array.name.find(": member "));
}

// Returns the command that runs a program of Python on the file of an array, sys.argv[1], and writes sys.argv[2].
std::string python_on(const NpyArray& array, std::string_view program, std::string_view ending) {
  const std::string file = file_of(array);
  if (file == "<stdin>") return {};
  return fmt::format("python3 -c {} {} {}", shell_word(program), shell_word(file),
                     shell_word(fmt::format("{}.{}", file, ending)));
}

float finite(const NpyArray& array, std::size_t item, float value) {
  if (!std::isfinite(value))
    throw FormatError(array.name, fmt::format("item {}: {} is not a finite number", item, value),
                      command_to_finite(file_of(array)));
  return value;
}

CsrMatrix read_dense(const NpyArray& array) {
  if (array.shape.size() != 2)
    throw FormatError(array.name, fmt::format("has {} dimensions; a matrix has 2", array.shape.size()),
                      array.shape.size() != 1 ? "in Python: array.reshape(len(array), -1)"
                                              : python_on(array,  // classes, as scikit-learn holds y
                                                          "import sys, numpy, scipy.sparse as s; y = "
                                                          "numpy.ravel(numpy.load(sys.argv[1])).astype(int); "
                                                          "s.save_npz(sys.argv[2], s.csr_matrix((numpy.ones(len(y)), "
                                                          "(range(len(y)), y))))",
                                                          "npz"));
  const std::uint64_t rows = array.shape[0], cols = array.shape[1];
  if (cols > kMaxColumns) throw FormatError(array.name, fmt::format("{} columns are more than 2^31", cols));
  if (cols == 0 && rows > kMaxUnseenRows)
    throw FormatError(array.name, fmt::format("{} rows; without columns at most {} are read", rows, kMaxUnseenRows));
  const std::vector<float> values = array.to<float>();
  const std::uint64_t row_step = array.fortran_order ? 1 : cols, col_step = array.fortran_order ? rows : 1;
  CsrMatrix out(cols);
  for (Row r = 0; r < rows; ++r) {
    for (std::uint64_t c = 0; c < cols; ++c) {
      const float value = values[r * row_step + c * col_step];
      if (!std::isfinite(value))
        throw FormatError(array.name, fmt::format("row {}, column {}: {} is not a finite number", r, c, value),
                          python_on(array,
                                    "import sys, numpy; numpy.save(sys.argv[2], numpy.nan_to_num(numpy.load("
                                    "sys.argv[1]), posinf=0, neginf=0).clip(-3e38, 3e38))",
                                    "finite.npy"));
      if (value != 0) out.push(static_cast<std::uint32_t>(c), value);
    }
    out.end_row();
  }
  return out;
}

// Collects entries in any order and sorts them by row. Entries of a row keep their order.
class Entries {
 public:
  Entries(std::uint64_t rows, std::uint64_t cols) : cols_(cols), counts_(rows + 1) {}

  void add(std::uint64_t row, std::uint64_t column, float value) {
    rows_.push_back(static_cast<std::uint32_t>(row));
    columns_.push_back(static_cast<std::uint32_t>(column));
    values_.push_back(value);
    ++counts_[row + 1];
  }

  CsrMatrix matrix() && {
    std::vector<Offset> indptr = std::move(counts_);
    for (std::size_t r = 1; r < indptr.size(); ++r)
      indptr[r] += indptr[r - 1];
    std::vector<Offset> next(indptr.begin(), indptr.end() - 1);
    std::vector<std::uint32_t> indices(columns_.size());
    std::vector<float> values(values_.size());
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const Offset at = next[rows_[i]]++;
      indices[at] = columns_[i];
      values[at] = values_[i];
    }
    return {cols_, std::move(indptr), std::move(indices), std::move(values)};
  }

 private:
  std::uint64_t cols_;
  std::vector<Offset> counts_;
  std::vector<std::uint32_t> rows_, columns_;
  std::vector<float> values_;
};

struct Shape {
  std::uint64_t rows, cols;
};

Shape read_shape(const NpzFile& file) {
  const NpyArray shape = file.get("shape");
  const std::vector<std::uint64_t> extents = shape.to<std::uint64_t>();
  if (shape.shape.size() != 1 || extents.size() != 2)
    throw FormatError(shape.name, fmt::format("{} dimensions; a matrix has 2", extents.size()));
  require_rows(shape.name, extents[0], extents[1]);
  return {extents[0], extents[1]};
}

NpyArray checked(const NpzFile& file, const char* member) {
  file.check(member);
  return file.get(member);
}

[[noreturn]] void outside(const NpyArray& array, std::size_t item, std::uint64_t index, std::uint64_t extent) {
  throw FormatError(array.name,
                    fmt::format("item {}: {} is outside 0..{}", item, index, static_cast<std::int64_t>(extent) - 1));
}

CsrMatrix read_coo(const NpzFile& file) {
  const auto [rows, cols] = read_shape(file);
  const NpyArray data = checked(file, "data");
  const std::vector<float> values = data.to<float>();
  std::vector<std::uint64_t> row, col;
  NpyArray row_array, col_array;
  if (file.has("coords")) {  // a row of the array for each dimension
    row_array = col_array = checked(file, "coords");
    std::vector<std::uint64_t> both = row_array.to<std::uint64_t>();
    if (row_array.shape.size() != 2 || row_array.shape[0] != 2 || row_array.fortran_order)
      throw FormatError(row_array.name, "must be an array of two rows");
    const auto half = both.begin() + static_cast<std::ptrdiff_t>(both.size() / 2);
    col.assign(half, both.end());
    row.assign(both.begin(), half);
  } else {
    row_array = checked(file, "row");
    col_array = checked(file, "col");
    row = row_array.to<std::uint64_t>();
    col = col_array.to<std::uint64_t>();
  }
  for (const auto& [array, found] : {std::pair(&row_array, row.size()), std::pair(&col_array, col.size())})
    if (found != values.size())
      throw FormatError(array->name, fmt::format("{} items for {} values", found, values.size()));
  Entries entries(rows, cols);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (row[i] >= rows) outside(row_array, i, row[i], rows);
    if (col[i] >= cols) outside(col_array, i, col[i], cols);
    entries.add(row[i], col[i], finite(data, i, values[i]));
  }
  return std::move(entries).matrix();
}

CsrMatrix read_bsr(const NpzFile& file) {
  const auto [rows, cols] = read_shape(file);
  const NpyArray data = checked(file, "data"), indices_array = checked(file, "indices"),
                 indptr_array = checked(file, "indptr");
  if (data.shape.size() != 3 || data.fortran_order)
    throw FormatError(data.name, "must have 3 dimensions: blocks, their rows, their columns");
  const std::uint64_t height = data.shape[1], width = data.shape[2];
  if (height == 0 || width == 0 || rows % height != 0 || cols % width != 0)
    throw FormatError(data.name, fmt::format("blocks of {} x {} do not make up {} x {}", height, width, rows, cols));
  const std::vector<float> values = data.to<float>();
  const std::vector<std::uint64_t> indices = indices_array.to<std::uint64_t>(),
                                   indptr = indptr_array.to<std::uint64_t>();
  if (indptr.size() != rows / height + 1)
    throw FormatError(indptr_array.name, fmt::format("must have {} items", rows / height + 1));
  if (indices.size() != data.shape[0]) throw FormatError(indices_array.name, "must have an item for each block");
  Entries entries(rows, cols);
  if (indptr.front() != 0) throw FormatError(indptr_array.name, "item 0 must be 0");
  for (std::size_t r = 0; r + 1 < indptr.size(); ++r) {
    if (indptr[r + 1] < indptr[r] || indptr[r + 1] > indices.size())
      throw FormatError(indptr_array.name, fmt::format("item {}: {} does not fit", r + 1, indptr[r + 1]));
    for (std::uint64_t block = indptr[r]; block < indptr[r + 1]; ++block) {
      if (indices[block] >= cols / width) outside(indices_array, block, indices[block], cols / width);
      for (std::uint64_t i = 0; i < height * width; ++i) {
        const std::uint64_t item = block * height * width + i;
        const float value = finite(data, item, values[item]);
        if (value != 0) entries.add(r * height + i / width, indices[block] * width + i % width, value);
      }
    }
  }
  return std::move(entries).matrix();
}

CsrMatrix read_dia(const NpzFile& file) {
  const auto [rows, cols] = read_shape(file);
  const NpyArray data = checked(file, "data"), offsets_array = checked(file, "offsets");
  if (data.shape.size() != 2 || data.fortran_order) throw FormatError(data.name, "must have 2 dimensions");
  const std::vector<float> values = data.to<float>();
  const std::vector<double> offsets = offsets_array.to<double>();
  if (offsets.size() != data.shape[0]) throw FormatError(offsets_array.name, "must have an item for each diagonal");
  Entries entries(rows, cols);
  for (std::size_t d = 0; d < offsets.size(); ++d) {
    for (std::uint64_t c = 0; c < std::min(data.shape[1], cols); ++c) {
      const double row = static_cast<double>(c) - offsets[d];
      const float value = values[d * data.shape[1] + c];
      if (row < 0 || row >= static_cast<double>(rows) || value == 0) continue;
      entries.add(static_cast<std::uint64_t>(row), c, finite(data, d * data.shape[1] + c, value));
    }
  }
  return std::move(entries).matrix();
}

// The only array of an archive that numpy.savez() wrote.
std::optional<NpyArray> single_array(const NpzFile& file) {
  const std::vector<std::string> members = file.members();
  if (members.size() != 1) return std::nullopt;
  const NpyArray array = file.get(members.front());
  return array.shape.size() == 2 ? std::optional(array) : std::nullopt;
}

}  // namespace

ForeignMatrix read_foreign_matrix(const NpzFile& file) {
  if (has_our_padding(file.bytes()) && !file.has_meta())
    throw FormatError(file.name(), "member meta.json is missing: the file is damaged");
  for (const std::string& member : file.members())
    if (member.ends_with(".json") && member != "meta.json")
      throw FormatError(file.name(), fmt::format("member {} does not belong to a matrix", member));
  if (file.has("format")) {
    const std::string format = sparse_format(file);
    if (format == "coo") return {read_coo(file)};
    if (format == "bsr") return {read_bsr(file)};
    if (format == "dia") return {read_dia(file)};
  } else if (const std::optional<NpyArray> array = single_array(file)) {
    file.check(file.members().front());
    return {read_dense(*array), true};
  }
  return {StoredMatrix(file).copy()};
}

ForeignMatrix read_npy_matrix(const std::string& name, std::string_view bytes) {
  const std::string_view header = bytes.substr(0, 128);
  const auto python = [&](std::string_view program) {
    if (name == "<stdin>") return std::string();
    return fmt::format("python3 -c {} {} {}", shell_word(program), shell_word(name), shell_word(name + ".npz"));
  };
  if (header.find("'|O'") != std::string_view::npos || header.find("'O'") != std::string_view::npos)
    throw FormatError(name, "is a pickled object of Python's, not an array of numbers",
                      python("import sys, numpy, scipy.sparse; scipy.sparse.save_npz(sys.argv[2], "
                             "numpy.load(sys.argv[1], allow_pickle=True).item().tocsr())"));
  if (header.find("'>") != std::string_view::npos)
    throw FormatError(name, "is big-endian; little-endian numbers are read",
                      python("import sys, numpy, scipy.sparse; scipy.sparse.save_npz(sys.argv[2], "
                             "scipy.sparse.csr_matrix(numpy.load(sys.argv[1]).astype(float)))"));
  return {read_dense(parse_npy(name, bytes)), true};
}

}  // namespace xmr
