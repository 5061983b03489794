#pragma once
// X and Y as one: whether they can be learnt from together (as many rows, at least one label, no negative weight of a
// label), and with one more row for each label. O(nnz(Y)), or O(nnz) of the result.
// Thread rule: pure functions.

#include <string_view>

#include "xmr/sparse/csr.hpp"

namespace xmr {

// x: instances × features, y: instances × labels; the names (of files) stand in messages. DataError with the row.
void check_instances(CsrView x, std::string_view x_name, CsrView y, std::string_view y_name);

struct InstanceMatrices {
  CsrMatrix x, y;
};

// The instances, and behind them a row for each label that has features: row l of `label_rows` (labels × features) has
// the label l. DataError for other numbers of features or labels.
InstanceMatrices with_label_rows(CsrView x, CsrView y, CsrView label_rows);

}  // namespace xmr
