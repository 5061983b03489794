#include "xmr/lexical/label_documents.hpp"

#include <vector>

#include <fmt/format.h>

#include "xmr/sparse/instances.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr float kLargestCount = 16777216;  // 2^24: up to here floats hold every whole number

bool is_count(float value) {
  return value >= 1 && value <= kLargestCount && static_cast<float>(static_cast<std::uint32_t>(value)) == value;
}

// Returns the labels of each row without their weights.
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

}  // namespace

void require_counts(CsrView x, Row first, Row last, std::string_view name) {
  for (Row r = first; r < last; ++r) {
    const SparseRow row = x.row(r);
    for (std::size_t i = 0; i < row.size(); ++i)
      if (!is_count(row.values[i]))
        throw DataError(
            name,
            fmt::format("row {}: feature {} has the value {}, BM25 needs counts", r, row.indices[i], row.values[i]),
            "learn the vectorizer with --idf none --norm none --row-norm none");
  }
}

CsrMatrix documents_of_rows(CsrView x, CsrView y, Parallel& parallel) {
  return multiply(transpose(unweighted(y)), x, parallel);
}

CsrMatrix documents_of_rows_and_texts(CsrView x, CsrView y, CsrView texts, Parallel& parallel) {
  const InstanceMatrices all = with_label_rows(x, unweighted(y), texts);
  return documents_of_rows(all.x, all.y, parallel);
}

}  // namespace xmr
