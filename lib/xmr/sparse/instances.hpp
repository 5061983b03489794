#pragma once
// Checks that X and Y fit each other (as many rows, at least one label, no negative label weight), and adds one row for
// each label. O(nnz(Y)), or O(nnz) of the result. Thread rule: pure functions.

#include <string_view>

#include "xmr/sparse/csr.hpp"

namespace xmr {

// x: instances × features, y: instances × labels; the names are for messages. If a check fails, throws DataError with
// the row.
void check_instances(CsrView x, std::string_view x_name, CsrView y, std::string_view y_name);

struct InstanceMatrices {
  CsrMatrix x, y;
};

// Returns the instances and, behind them, a row for each label that has features: row l of `label_rows` (labels ×
// features) has the label l. If the numbers of features or labels differ, throws DataError.
InstanceMatrices with_label_rows(CsrView x, CsrView y, CsrView label_rows);

}  // namespace xmr
