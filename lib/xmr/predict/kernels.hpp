#pragma once
// The inner loop of every search: the margins of all children of one parent for one query.
//
// Cost: one look-up in the chunk's sorted features a query feature, O(q log c), plus one multiplication a weight that
// is hit. Look-ups run several at a time without branches, so that their cache misses overlap.
// The sum of a child runs over the query's features in increasing order and is rounded after each step: the same bits
// on every machine and for single and batch queries. Thread rule: pure functions.

#include "xmr/model/chunk.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

// margins[c] = bias[c] + Σ_f query[f] · weight[f][c] for c in 0..chunk.children-1. The query's indices increase.
void score_chunk(const ChunkView& chunk, SparseRow query, float* margins);

}  // namespace xmr
