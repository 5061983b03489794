#include "xmr/sparse/slice.hpp"

#include <fmt/format.h>

#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

void require_within(const Selection& selection, std::uint64_t count, std::string_view what) {
  if (selection.needs() > count)
    throw DataError(fmt::format("{} {} is not there: there are {} {}s", what, selection.needs() - 1, count, what));
}

}  // namespace

CsrMatrix slice_rows(CsrView a, const Selection& rows) {
  require_within(rows, a.rows, "row");
  return select_rows(a, rows.of(a.rows));
}

CsrMatrix slice_columns(CsrView a, const Selection& columns) {
  require_within(columns, a.cols, "column");
  constexpr std::uint32_t kDropped = 0xffffffffU;
  std::vector<std::uint32_t> renumbered(a.cols, kDropped);
  std::uint32_t kept = 0;
  for (const std::uint64_t column : columns.of(a.cols))
    renumbered[column] = kept++;
  CsrMatrix out(kept);
  for (Row r = 0; r < a.rows; ++r) {
    const SparseRow row = a.row(r);
    for (std::size_t i = 0; i < row.size(); ++i)
      if (renumbered[row.indices[i]] != kDropped) out.push(renumbered[row.indices[i]], row.values[i]);
    out.end_row();
  }
  return out;
}

}  // namespace xmr
