#pragma once
// The weights of one level of a model out of their chunks, as a matrix: a row a node in tree order, a column a feature
// and one more for the bias (bias value × bias weight). Its transpose is PECOS's W, its CSR arrays are the CSC arrays
// of W.

#include "xmr/model/xr_linear.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

// FormatError for a damaged chunk, DataError for more features than a matrix has columns. O(weights + nodes); visits
// every chunk of the level.
CsrMatrix level_matrix(const XrLinearModel& model, std::size_t level);

}  // namespace xmr
