#pragma once
// Slices of a matrix.

#include "xmr/sparse/csr.hpp"
#include "xmr/util/selection.hpp"

namespace xmr {

// Returns the selected rows or columns, renumbered from 0 in their order. If a named one is absent, throws DataError.
// O(nnz + rows) and O(nnz + columns).
CsrMatrix slice_rows(CsrView a, const Selection& rows);
CsrMatrix slice_columns(CsrView a, const Selection& columns);

}  // namespace xmr
