#pragma once
// Converts the weights of one level between chunks and a matrix. It has a row for each node, a column for each feature,
// and a last column for the bias (bias value × bias weight). The transpose is PECOS's W: the CSR arrays are the CSC
// arrays of W.

#include <span>

#include "xmr/model/xr_linear.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// Returns the matrix, rows in tree order, and visits every chunk of the level. If a chunk is damaged, throws
// FormatError; if there are more features than columns of a matrix, DataError. O(weights + nodes).
CsrMatrix level_matrix(const XrLinearModel& model, std::size_t level);

// Returns the chunks of a level of `tree` from a matrix, in which node i of the level is row rows[i], or row i without
// `rows`. Biases are multiplied by `bias`. If a weight exceeds the range of the type, throws DataError. Memory: the
// chunks, and for each thread the weights of a parent.
LevelChunks level_chunks(CsrView weights, std::span<const NodeId> rows, float bias, const LabelTree& tree,
                         std::size_t level, WeightType type, Parallel& parallel);

}  // namespace xmr
