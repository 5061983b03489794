#include "xmr/sparse/instances.hpp"

#include <array>
#include <vector>

#include <fmt/format.h>

#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

std::vector<Row> rows_with_entries(CsrView a) {
  std::vector<Row> rows;
  for (Row r = 0; r < a.rows; ++r)
    if (a.row(r).size() > 0) rows.push_back(r);
  return rows;
}

}  // namespace

void check_instances(CsrView x, std::string_view x_name, CsrView y, std::string_view y_name) {
  if (x.rows != y.rows)
    throw DataError(x_name, fmt::format("{} rows, but {} has {}", x.rows, y_name, y.rows),
                    "both must come from the same corpus");
  if (y.cols == 0)
    throw DataError(y_name, "has no labels (columns)", "xmr-featurize apply -y writes the labels of the rows");
  for (Row r = 0; r < y.rows; ++r) {
    const SparseRow row = y.row(r);
    for (std::size_t i = 0; i < row.size(); ++i)
      if (row.values[i] < 0)
        throw DataError(
            y_name, fmt::format("row {}: label {} has the weight {}, less than 0", r, row.indices[i], row.values[i]),
            "weights are 0 or more; in Python: scipy.sparse.save_npz('Y.npz', Y.maximum(0))");
  }
}

InstanceMatrices with_label_rows(CsrView x, CsrView y, CsrView label_rows) {
  if (label_rows.rows != y.cols)
    throw DataError(fmt::format("features of {} labels, but there are {}", label_rows.rows, y.cols));
  const std::vector<Row> rows = rows_with_entries(label_rows);
  const CsrMatrix features = select_rows(label_rows, rows), labels = select_rows(identity(y.cols), rows);
  const std::array all_x = {x, features.view()}, all_y = {y, labels.view()};
  return {vstack(all_x), vstack(all_y)};
}

}  // namespace xmr
