#pragma once
// Matcher-aware negatives (PECOS, JMLR 23(98), 2022, section 3.3). The beam search of the trained levels brings rows to
// a node. The rankers below the node must tell these rows apart, with or without a label there.
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

// Returns the nodes that each row reaches in the last of the `trained` levels, which are the first levels of `tree`. A
// row has search.beam nodes, increasing, with value 1. The matrices are blocks of rows that follow each other.
std::vector<CsrMatrix> matched_nodes(CsrView x, const LabelTree& tree, const ChunkTable& trained,
                                     const SearchOptions& search, Parallel& parallel);
// Returns the rows that reach each node.
LevelRows match_rows(CsrView x, const LabelTree& tree, const ChunkTable& trained, const SearchOptions& search,
                     Parallel& parallel);

}  // namespace xmr
