#pragma once
// Matcher-aware negatives (PECOS, JMLR 23(98), 2022, section 3.3): the rows that the model's own beam search brings to
// a node are those that the rankers below it will have to tell apart, whether a label of theirs is there or not.
//
// Cost: a search of each row in the trained levels. Memory: 8 bytes for each row and node of its beam, and a copy of
// the trained levels. The result does not depend on the number of threads. Errors: Interrupted.

#include <vector>

#include "xmr/index/label_tree.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/predict/beam_search.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/train/level_rows.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// The nodes of the last of the `trained` levels, the first ones of `tree`, that each row reaches, increasing, each with
// the value 1: search.beam nodes a row. Pieces of rows that follow each other.
std::vector<CsrMatrix> matched_nodes(CsrView x, const LabelTree& tree, const ChunkTable& trained,
                                     const SearchOptions& search, Parallel& parallel);
// The same by node.
LevelRows match_rows(CsrView x, const LabelTree& tree, const ChunkTable& trained, const SearchOptions& search,
                     Parallel& parallel);

}  // namespace xmr
