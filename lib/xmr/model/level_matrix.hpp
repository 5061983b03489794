#pragma once
// The weights of one level of a model between chunks and a matrix: a row a node, a column a feature and one more for
// the bias (bias value × bias weight). The transpose is PECOS's W, the CSR arrays are the CSC arrays of W.

#include <span>

#include "xmr/model/xr_linear.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// Rows in tree order. FormatError for a damaged chunk, DataError for more features than a matrix has columns. O(weights
// + nodes); visits every chunk of the level.
CsrMatrix level_matrix(const XrLinearModel& model, std::size_t level);

// The way back: the chunks of a level of `tree` out of a matrix, in which node i of the level is row rows[i]; without
// `rows` it is row i. Biases are multiplied by `bias`. Memory: the chunks, and of each thread the weights of a parent.
// DataError for a weight beyond the range of the type.
LevelChunks level_chunks(CsrView weights, std::span<const NodeId> rows, float bias, const LabelTree& tree,
                         std::size_t level, WeightType type, Parallel& parallel);

}  // namespace xmr
