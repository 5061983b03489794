#include "xmr/lexical/label_documents.hpp"

#include <array>
#include <vector>

#include <fmt/format.h>

#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr float kLargestCount = 16777216;  // 2^24: up to here floats hold every whole number

bool is_count(float value) {
  return value >= 1 && value <= kLargestCount && static_cast<float>(static_cast<std::uint32_t>(value)) == value;
}

// Which labels a row has, without their weights.
CsrMatrix unweighted(CsrView y) {
  CsrMatrix result(y.cols);
  result.reserve(y.rows, y.nnz());
  for (Row r = 0; r < y.rows; ++r) {
    for (const LabelId label : y.row(r).indices)
      result.push(label, 1.0F);
    result.end_row();
  }
  return result;
}

CsrMatrix identity(std::uint64_t size) {
  CsrMatrix result(size);
  for (std::uint64_t i = 0; i < size; ++i) {
    result.push(static_cast<std::uint32_t>(i), 1.0F);
    result.end_row();
  }
  return result;
}

}  // namespace

void require_counts(CsrView x, std::string_view name) {
  for (Row r = 0; r < x.rows; ++r) {
    const SparseRow row = x.row(r);
    for (std::size_t i = 0; i < row.size(); ++i)
      if (!is_count(row.values[i]))
        throw DataError(
            name,
            fmt::format("row {}: feature {} has the value {}, BM25 needs counts", r, row.indices[i], row.values[i]),
            "learn the vectorizer with --idf none --norm none --row-norm none");
  }
}

CsrMatrix label_text_counts(const LabelNames& names, const Vectorizer& vectorizer) {
  if (vectorizer.columns().size() != 1)
    throw ConfigError(
        fmt::format("label texts: the vectorizer reads {} columns, a label has one text", vectorizer.columns().size()));
  CsrMatrix texts(vectorizer.features());
  Vectorizer::Scratch scratch;
  for (LabelId label = 0; label < names.size(); ++label)
    texts.append_row(vectorizer.apply(std::array{names.text(label)}, scratch));
  return texts;
}

CsrMatrix documents_of_rows(CsrView x, CsrView y, Parallel& parallel) {
  return multiply(transpose(unweighted(y)), x, parallel);
}

CsrMatrix documents_of_rows_and_texts(CsrView x, CsrView y, CsrView texts, Parallel& parallel) {
  const std::array all_x = {x, texts};
  const CsrMatrix rows = unweighted(y), own = identity(y.cols);
  const std::array all_y = {rows.view(), own.view()};
  return documents_of_rows(vstack(all_x), vstack(all_y), parallel);
}

}  // namespace xmr
