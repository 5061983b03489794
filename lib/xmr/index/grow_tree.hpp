#pragma once
// A label tree for labels that have changed, from the tree of before: kept labels stay where they are, so that a model
// of the old tree has solved most of the new one's problems (train/solved_parents.hpp).
//
//   GrownTree grown = grow_tree(old, ids, vectors, {.max_leaf = 100}, parallel);   // ids[l]: what old label l is now
//
// A new label goes down the tree, at each level to the child whose kept labels' vectors have the sum that is most
// similar to its own vector (cosine; ties: the first). A node just above the labels that then has more than max_leaf of
// them is split in halves by 2-means until none has; the first part stays in its place, the others become the last
// children of its parent. Nodes do not disappear: one that has lost all its labels stays, without children, and gets no
// new ones. So nodes keep their numbers above the level that splits.
//
// Memory: the vectors of all nodes, at most those of the labels for each level. Cost: that of adding the vectors up
// once a level, and a label's entries × children for each new label. The same tree for any number of threads.
// Thread rule: pure function. Errors: DataError if no label was kept, or the numbers do not fit.

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

// `vectors` has a row for each label of the new tree; new_ids a number below that, or kGone, for each of the old
// tree's.
GrownTree grow_tree(const LabelTree& old, std::span<const LabelId> new_ids, CsrView vectors, const GrowOptions& options,
                    Parallel& parallel);

}  // namespace xmr
