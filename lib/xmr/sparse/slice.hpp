#pragma once
// A part of a matrix.

#include "xmr/sparse/csr.hpp"
#include "xmr/util/selection.hpp"

namespace xmr {

// The selected rows or columns, renumbered from 0 in their order. DataError if one that is named is not there.
// O(nnz + rows) and O(nnz + columns).
CsrMatrix slice_rows(CsrView a, const Selection& rows);
CsrMatrix slice_columns(CsrView a, const Selection& columns);

}  // namespace xmr
