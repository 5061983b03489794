#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "xmr/sparse/text_matrix.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr std::size_t kBlockRows = 1024;  // formatted by one thread at a time

void format_labels(SparseRow row, const TextDialect& dialect, fmt::memory_buffer& out) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) out.push_back(',');
    const std::uint64_t id = std::uint64_t{row.indices[i]} + dialect.first_label;
    if (row.values[i] == 1)
      fmt::format_to(std::back_inserter(out), "{}", id);
    else
      fmt::format_to(std::back_inserter(out), "{}:{}", id, row.values[i]);
  }
}

void format_row(SparseRow features, SparseRow labels, const TextDialect& dialect, fmt::memory_buffer& out) {
  format_labels(labels, dialect, out);
  for (std::size_t i = 0; i < features.size(); ++i)
    fmt::format_to(std::back_inserter(out), " {}:{}", std::uint64_t{features.indices[i]} + dialect.first_feature,
                   features.values[i]);
  // An empty line would be no row in svmlight.
  if (features.size() == 0) out.push_back(' ');
  out.push_back('\n');
}

void require_unit_weights(CsrView y) {
  const auto other = std::ranges::find_if(y.values, [](float weight) { return weight != 1; });
  if (other == y.values.end()) return;
  const auto entry = static_cast<Offset>(other - y.values.begin());
  const auto row = std::ranges::upper_bound(y.indptr, entry) - y.indptr.begin() - 1;
  throw DataError("labels",
                  fmt::format("row {}: label {} has the weight {}, 1 is allowed", row, y.indices[entry], *other),
                  "--label-weights writes weights of labels");
}

}  // namespace

void write_text_matrices(OutputFile& out, CsrView x, CsrView y, TextForm form, const TextDialect& dialect,
                         Parallel& parallel) {
  if (x.rows != y.rows) throw DataError(fmt::format("{} rows of features, but {} rows of labels", x.rows, y.rows));
  if (!dialect.label_weights) require_unit_weights(y);

  const Phase phase(parallel.observer(), "write", x.rows, "rows");
  if (form == TextForm::xmc) out.write(fmt::format("{} {} {}\n", x.rows, x.cols, y.cols));
  std::vector<fmt::memory_buffer> texts(std::size_t{4} * parallel.threads());
  const std::size_t rows_at_once = kBlockRows * texts.size();
  for (Row first = 0; first < x.rows; first += rows_at_once) {
    const std::size_t rows = std::min<std::uint64_t>(rows_at_once, x.rows - first);
    parallel.for_blocks(rows, kBlockRows, [&](std::size_t begin, std::size_t end, unsigned) {
      fmt::memory_buffer& text = texts[begin / kBlockRows];
      text.clear();
      for (Row row = first + begin; row < first + end; ++row)
        format_row(x.row(row), y.row(row), dialect, text);
    });
    for (std::size_t begin = 0; begin < rows; begin += kBlockRows) {
      const fmt::memory_buffer& text = texts[begin / kBlockRows];
      out.write({text.data(), text.size()});
    }
    parallel.observer().advance(rows);
  }
}

}  // namespace xmr
