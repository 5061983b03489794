#include "xmr/sparse/instances.hpp"

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {

void check_instances(CsrView x, std::string_view x_name, CsrView y, std::string_view y_name) {
  if (x.rows != y.rows)
    throw DataError(x_name, fmt::format("{} rows, but {} has {}", x.rows, y_name, y.rows),
                    "both must come from the same corpus");
  if (y.cols == 0) throw DataError(y_name, "has no labels (columns)");
  for (Row r = 0; r < y.rows; ++r) {
    const SparseRow row = y.row(r);
    for (std::size_t i = 0; i < row.size(); ++i)
      if (row.values[i] < 0)
        throw DataError(
            y_name, fmt::format("row {}: label {} has the weight {}, less than 0", r, row.indices[i], row.values[i]));
  }
}

}  // namespace xmr
