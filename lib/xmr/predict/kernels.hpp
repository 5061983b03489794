#pragma once
// The inner loop of every search: the margins of the children of parents for queries.
//
// Each feature of a query is looked up in the table of a section. The found row of weights is multiplied by the value
// of the feature and added. Runs of features pass three steps: prefetch the lines of the tables; look up and prefetch
// the rows; add. Cache misses overlap across sections and queries. The sum of a child starts at its bias and visits the
// features of the query in increasing order. Each product and each sum is rounded: the bits are the same on every
// machine, for single and batch queries, for sparse and dense rows. Cost: a cache line a look-up, one or more a found
// row. Allocates nothing. Thread rule: pure functions.

#include <span>
#include <vector>

#include "xmr/model/chunk.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

struct SectionQuery {
  SectionView section;
  SparseRow query;           // indices increase
  float* margins = nullptr;  // output, section.children floats
};

// Computes margins[c] = bias[c] + Σ_f query[f] · weight[f][c] for each pair.
void score_sections(std::span<const SectionQuery> pairs);

// Appends the pairs of all sections of a chunk. Their margins are consecutive.
void append_sections(const ChunkView& chunk, SparseRow query, float* margins, std::vector<SectionQuery>& pairs);

}  // namespace xmr
