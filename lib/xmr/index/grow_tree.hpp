#pragma once
// Updates a label tree for changed labels. Kept labels keep their places, so a model of the old tree has solved most
// problems of the new one (train/solved_parents.hpp).
//
//   GrownTree grown = grow_tree(old, ids, vectors, {.max_leaf = 100}, parallel);   // ids[l]: new id of old label l
//
// A new label descends at each level to the child whose kept labels' summed vectors are most similar (cosine; ties: the
// first). 2-means halves a node with more than max_leaf labels until none has; the first half keeps the node's place,
// the others become the last children of its parent. A node that lost all labels stays without children and gets no new
// ones. So node numbers stay the same above the split level.
//
// Memory: the vectors of all nodes, at most as large as the label vectors for each level. Cost: summing the vectors
// once a level, and entries × children for each new label. The tree does not depend on the number of threads. Thread
// rule: pure function. Errors: DataError if no label was kept or numbers do not fit.

#include <cstdint>
#include <span>

#include "xmr/index/balanced_kmeans.hpp"
#include "xmr/index/label_tree.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

inline constexpr LabelId kGone = 0xffffffffU;

struct GrowOptions {
  std::uint32_t max_leaf = 100;
  KMeansOptions kmeans;
};

struct GrownTree {
  LabelTree tree;
  LabelId kept = 0, added = 0;
  NodeId nodes_added = 0;
};

// `vectors` has a row for each label of the new tree. new_ids has, for each old label, its new id or kGone.
GrownTree grow_tree(const LabelTree& old, std::span<const LabelId> new_ids, CsrView vectors, const GrowOptions& options,
                    Parallel& parallel);

}  // namespace xmr
