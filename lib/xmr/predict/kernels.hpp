#pragma once
// The inner loop of every search: the margins of the children of parents for queries.
//
// For each feature of a query one look-up in a section's table; what is found, a row of weights, is multiplied by the
// feature's value and added. Three steps follow each other over pieces of the queries: ask for the tables' lines, look
// up and ask for the rows, add. So cache misses overlap, over the borders of sections and queries, too.
// A child's sum starts at its bias and runs over the query's features in increasing order; each product and each sum is
// rounded: the same bits on every machine, for single and batch queries, for sparse and dense rows.
// Cost: a cache line a look-up, one or more a row that is found. Allocates nothing. Thread rule: pure functions.

#include <span>
#include <vector>

#include "xmr/model/chunk.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

struct SectionQuery {
  SectionView section;
  SparseRow query;           // its indices increase
  float* margins = nullptr;  // section.children of them are written
};

// margins[c] = bias[c] + Σ_f query[f] · weight[f][c], for each of the pairs.
void score_sections(std::span<const SectionQuery> pairs);

// Appends the pairs of a whole chunk, whose margins come one after another.
void append_sections(const ChunkView& chunk, SparseRow query, float* margins, std::vector<SectionQuery>& pairs);

}  // namespace xmr
