#pragma once
// Whether X and Y can be learnt from together: as many rows, at least one label, no negative weight of a label.
// O(nnz(Y)).

#include <string_view>

#include "xmr/sparse/csr.hpp"

namespace xmr {

// x: instances × features, y: instances × labels; the names (of files) stand in messages. DataError with the row.
void check_instances(CsrView x, std::string_view x_name, CsrView y, std::string_view y_name);

}  // namespace xmr
