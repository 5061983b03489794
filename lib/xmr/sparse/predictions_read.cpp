#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/io/file.hpp"
#include "xmr/io/foreign_file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/sparse/foreign_matrix.hpp"
#include "xmr/sparse/predictions.hpp"
#include "xmr/sparse/predictions_text.hpp"
#include "xmr/sparse/stored_matrix.hpp"
#include "xmr/sparse/trec.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

void check_answers(const std::string& name, CsrView ranked) {
  std::vector<LabelId> sorted;
  for (Row r = 0; r < ranked.rows; ++r) {
    const SparseRow row = ranked.row(r);
    sorted.assign(row.indices.begin(), row.indices.end());
    std::sort(sorted.begin(), sorted.end());
    const auto repeated = std::adjacent_find(sorted.begin(), sorted.end());
    if (repeated != sorted.end()) throw DataError(name, fmt::format("row {}: label {} appears twice", r, *repeated));
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

CsrMatrix ranked(const std::string& name, CsrView matrix) {
  check_answers(name, matrix);
  return rank_by_score(matrix);
}

// A matrix of ours, which has a score for each answer.
CsrMatrix rank_matrix(const NpzFile& file) {
  file.require_kind("matrix", 1);
  const StoredMatrix stored(file);
  if (!stored.is_ours()) return ranked(file.name(), stored.copy());
  const CsrView matrix = stored.in_place();
  stored.check_rows(matrix, 0, matrix.rows, StoredMatrix::Rows::tidy);
  return rank_by_score(matrix);
}

CsrView view_ours(const NpzFile& file) {
  file.require_kind("predictions", 1);
  const StoredMatrix stored(file);
  if (stored.by_column()) throw FormatError(file.name(), "member format: predictions are stored by row");
  if (!stored.is_ours()) throw FormatError(file.name(), "member sums: predictions have checksums of their rows");
  const CsrView ranked = stored.in_place();
  stored.check_rows(ranked, 0, ranked.rows, StoredMatrix::Rows::any);
  check_answers(file.name(), ranked);
  return ranked;
}

std::optional<std::uint32_t> whole_number_of(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Reads a run whose queries are the rows of `ids`, or numbers of rows.
CsrMatrix read_run(const PredictionText& text, const RowIds* ids) {
  const std::uint64_t max_rows = text.expected ? text.expected->rows : PredictionFile::kMaxUnexpectedRows;
  const std::uint64_t max_labels = text.expected ? text.expected->labels : kMaxColumns;
  const auto row = [&](std::uint64_t line, std::string_view query) -> std::optional<std::uint32_t> {
    const std::optional<Row> number = ids != nullptr ? ids->find(query) : std::optional<Row>(whole_number_of(query));
    if (!number)
      throw DataError(text.file, line,
                      ids != nullptr ? quote(query) + " is not the id of a row" : quote(query) + " is not a row number",
                      ids != nullptr ? "" : "--ids names the file of the ids of the rows, one a line");
    if (*number >= max_rows)
      throw DataError(text.file, line, fmt::format("row {} is outside 0..{}", *number, max_rows - 1));
    return static_cast<std::uint32_t>(*number);
  };
  const auto label = [&](std::uint64_t line, std::string_view key) -> std::optional<std::uint32_t> {
    const auto number = text.names != nullptr ? text.names->find(key) : whole_number_of(key);
    if (!number)
      throw DataError(
          text.file, line,
          text.names != nullptr ? quote(key) + " is not the key of a label" : quote(key) + " is not a label id",
          text.names != nullptr ? "" : "--labels names the labels.txt whose keys these are");
    if (*number >= max_labels)
      throw DataError(text.file, line, fmt::format("label {} is outside 0..{}", *number, max_labels - 1));
    return number;
  };
  CsrMatrix rows = parse_trec_run({text.file, text.bytes, row, label}).rows;
  if (text.names != nullptr) rows.set_cols(text.names->size());
  while (ids != nullptr && rows.rows() < ids->size())
    rows.end_row();
  return rows;
}

template <class T>
std::span<const T> read_key(const NpzFile& file, const std::string& member, std::uint64_t answers) {
  file.check(member);
  const auto values = file.array<T>(member);
  if (values.size() != answers)
    throw FormatError(file.name(), fmt::format("member {}: {} values of {} answers", member, values.size(), answers));
  if constexpr (std::is_floating_point_v<T>) {
    const auto bad = std::ranges::find_if(values, [](T value) { return !std::isfinite(value); });
    if (bad != values.end())
      throw FormatError(file.name(),
                        fmt::format("member {}: item {} is not a finite number", member, bad - values.begin()));
  }
  return values;
}

}  // namespace

PredictionFile::PredictionFile(const std::string& path, const LabelNames* names,
                               std::optional<PredictionShape> expected, const RowIds* ids) {
  MappedFile mapped(path);
  name_ = mapped.name();
  bool may_end_early = false;
  switch (recognize(mapped.bytes())) {
    case FileKind::empty:
      throw DataError(name_, "holds no predictions", "xmr-predict -m model.npz -x X.npz -o P.npz writes them");
    case FileKind::npy:
      owned_ = rank_by_score(read_npy_matrix(name_, mapped.bytes()).rows);
      view_ = owned_;
      break;
    case FileKind::npz:
      file_ = std::make_unique<NpzFile>(std::move(mapped));
      if (file_->has_meta() && file_->meta().kind != "matrix") {
        view_ = view_ours(*file_);
        read_keys();
      } else {
        owned_ = file_->has_meta() ? rank_matrix(*file_) : ranked(name_, read_foreign_matrix(*file_).rows);
        view_ = owned_;
      }
      break;
    case FileKind::text: {
      require_text(name_, mapped.bytes());
      const PredictionText text{name_, without_mark(mapped.bytes()), names, expected};
      may_end_early = !text.bytes.starts_with('{');
      owned_ = !may_end_early            ? parse_predictions_json(text)
               : is_trec_run(text.bytes) ? read_run(text, ids)
                                         : parse_predictions_tsv(text);
      if (expected && may_end_early)
        while (owned_.rows() < expected->rows)
          owned_.end_row();
      if (expected && names == nullptr) owned_.set_cols(expected->labels);
      view_ = owned_;
      break;
    }
  }
  // More names are none too many: an npz made of a text with ids ends at the largest one.
  if (names != nullptr && view_.cols > names->size())
    throw DataError(name_, fmt::format("{} labels, but there are names of {} only", view_.cols, names->size()));
  if (!expected) return;
  if (view_.rows != expected->rows || view_.cols != expected->labels)
    throw DataError(name_,
                    fmt::format("holds {} rows x {} labels, {} x {} are expected", view_.rows, view_.cols,
                                expected->rows, expected->labels),
                    content().contains("part")      ? "it holds a part of the rows; xmr-inspect concat joins the parts"
                    : view_.cols > expected->labels ? "xmr-featurize apply --labels makes Y as wide as labels.txt"
                                                    : "-y takes the labels of the rows that were predicted");
  require_whole_model(*this);
}

PredictionFile::PredictionFile(std::string name, CsrMatrix ranked)
    : name_(std::move(name)), owned_(std::move(ranked)), view_(owned_) {}

const Json& PredictionFile::content() const {
  static const Json none = Json::object();
  return file_ != nullptr && file_->has_meta() ? file_->meta().content : none;
}

void PredictionFile::read_keys() {
  has_keys_ = file_->has("keys/paths");
  if (!has_keys_) return;
  keys_ = {read_key<float>(*file_, "keys/paths", view_.nnz()), read_key<float>(*file_, "keys/margins", view_.nnz()),
           read_key<float>(*file_, "keys/path_margins", view_.nnz()),
           read_key<std::uint32_t>(*file_, "keys/orders", view_.nnz())};
}

void require_whole_model(const PredictionFile& answers) {
  if (answers.content().contains("shard"))
    throw DataError(answers.name(), "holds the answers of one shard of a model",
                    "xmr-predict merge makes those of the model from those of all shards");
}

bool is_relevant(SparseRow truth, LabelId label) {
  const auto found = std::ranges::lower_bound(truth.indices, label);
  return found != truth.indices.end() && *found == label &&
         truth.values[static_cast<std::size_t>(found - truth.indices.begin())] > 0;
}

CsrMatrix answers_as_truth(CsrView ranked) {
  CsrMatrix truth(ranked.cols);
  std::vector<LabelId> labels;
  for (Row r = 0; r < ranked.rows; ++r) {
    labels.assign(ranked.row(r).indices.begin(), ranked.row(r).indices.end());
    std::ranges::sort(labels);
    for (const LabelId label : labels)
      truth.push(label, 1);
    truth.end_row();
  }
  return truth;
}

}  // namespace xmr
