#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/io/file.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/sparse/predictions.hpp"
#include "xmr/sparse/predictions_text.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

struct NpzShape {
  std::uint64_t rows, cols;
  bool by_column;  // csc
};

NpzShape read_shape(const NpzFile& file) {
  const std::string_view format = file.get("format").bytes;
  if (format != "csr" && format != "csc") throw FormatError(file.name(), "format is neither csr nor csc");
  const std::vector<std::uint64_t> shape = file.get("shape").to<std::uint64_t>();
  if (shape.size() != 2) throw FormatError(file.name(), "shape does not have two numbers");
  for (const char* member : {"indptr", "indices", "data"})
    file.check(member);
  return {shape[0], shape[1], format == "csc"};
}

// The arrays must describe rows before anything follows the offsets.
void check_offsets(const std::string& name, CsrView matrix) {
  const auto& indptr = matrix.indptr;
  if (indptr.empty() || indptr.size() - 1 != matrix.rows)
    throw FormatError(name,
                      fmt::format("indptr has {} entries, its shape asks for {} + 1", indptr.size(), matrix.rows));
  if (indptr.front() != 0 || indptr.back() != matrix.indices.size() || matrix.indices.size() != matrix.values.size() ||
      !std::is_sorted(indptr.begin(), indptr.end()))
    throw FormatError(name, "indptr, indices and data do not fit each other");
}

void check_indices(const std::string& name, CsrView matrix) {
  for (const std::uint32_t index : matrix.indices)
    if (index >= matrix.cols)
      throw FormatError(name, fmt::format("indices: {} where the shape allows 0..{}", index, matrix.cols - 1));
}

void check_answers(const std::string& name, CsrView ranked) {
  std::vector<LabelId> sorted;
  for (Row r = 0; r < ranked.rows; ++r) {
    const SparseRow row = ranked.row(r);
    sorted.assign(row.indices.begin(), row.indices.end());
    std::sort(sorted.begin(), sorted.end());
    const auto repeated = std::adjacent_find(sorted.begin(), sorted.end());
    if (repeated != sorted.end()) throw DataError(name, fmt::format("row {}: label {} appears twice", r, *repeated));
    for (const float score : row.values)
      if (!std::isfinite(score)) throw DataError(name, fmt::format("row {}: a score is not a finite number", r));
  }
}

// By score, largest first, then by label.
CsrMatrix rank_by_score(CsrView matrix) {
  CsrMatrix ranked(matrix.cols);
  ranked.reserve(matrix.rows, matrix.nnz());
  std::vector<std::size_t> order;
  for (Row r = 0; r < matrix.rows; ++r) {
    const SparseRow row = matrix.row(r);
    order.resize(row.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      if (row.values[a] != row.values[b]) return row.values[a] > row.values[b];
      return row.indices[a] < row.indices[b];
    });
    for (const std::size_t i : order)
      ranked.push(row.indices[i], row.values[i]);
    ranked.end_row();
  }
  return ranked;
}

CsrMatrix read_foreign(const NpzFile& file) {
  constexpr std::array<std::string_view, 5> kMembers{"format", "shape", "indptr", "indices", "data"};
  for (const std::string& member : file.members())  // ours, too, if its meta.json were called otherwise by damage
    if (std::ranges::find(kMembers, member) == kMembers.end())
      throw FormatError(file.name(), fmt::format("member {} does not belong to a sparse matrix of SciPy's", member));
  const NpzShape shape = read_shape(file);
  const auto indptr = file.get("indptr").to<Offset>();
  const auto indices = file.get("indices").to<std::uint32_t>();
  const auto values = file.get("data").to<float>();
  CsrView stored{shape.rows, shape.cols, indptr, indices, values};
  CsrMatrix transposed;
  if (shape.by_column) std::swap(stored.rows, stored.cols);
  check_offsets(file.name(), stored);
  check_indices(file.name(), stored);
  if (shape.by_column) {
    if (shape.rows > PredictionFile::kMaxUnexpectedRows)  // nothing of the file's size vouches for them
      throw FormatError(file.name(), fmt::format("shape: {} rows, at most {} are read", shape.rows,
                                                 PredictionFile::kMaxUnexpectedRows));
    transposed = transpose(stored);
    stored = transposed;
  }
  check_answers(file.name(), stored);
  return rank_by_score(stored);
}

CsrView view_ours(const NpzFile& file) {
  file.require_kind("predictions", 1);
  const NpzShape shape = read_shape(file);
  const CsrView ranked{shape.rows, shape.cols, file.array<Offset>("indptr"), file.array<std::uint32_t>("indices"),
                       file.array<float>("data")};
  check_offsets(file.name(), ranked);
  check_indices(file.name(), ranked);
  check_answers(file.name(), ranked);
  return ranked;
}

}  // namespace

PredictionFile::PredictionFile(const std::string& path, const LabelNames* names,
                               std::optional<PredictionShape> expected) {
  MappedFile mapped(path);
  name_ = mapped.name();
  bool may_end_early = false;
  switch (recognize(mapped.bytes())) {
    case FileKind::empty:
      throw DataError(name_, "holds no predictions");
    case FileKind::npy:
      throw FormatError(name_, "is an .npy array; predictions are an .npz, TSV or JSON lines");
    case FileKind::npz:
      file_ = std::make_unique<NpzFile>(std::move(mapped));
      if (file_->has_meta()) {
        view_ = view_ours(*file_);
      } else {
        owned_ = read_foreign(*file_);
        view_ = owned_;
      }
      break;
    case FileKind::text: {
      const PredictionText text{name_, mapped.bytes(), names, expected};
      may_end_early = !mapped.bytes().starts_with('{');
      owned_ = may_end_early ? parse_predictions_tsv(text) : parse_predictions_json(text);
      if (expected && may_end_early)
        while (owned_.rows() < expected->rows)
          owned_.end_row();
      if (expected && names == nullptr) owned_.set_cols(expected->labels);
      view_ = owned_;
      break;
    }
  }
  if (expected && (view_.rows != expected->rows || view_.cols != expected->labels))
    throw DataError(name_, fmt::format("holds {} rows x {} labels, {} x {} are expected", view_.rows, view_.cols,
                                       expected->rows, expected->labels));
}

}  // namespace xmr
