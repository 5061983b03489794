#include "xmr/index/grow_tree.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/index/two_means.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

using Members = std::vector<LabelId>;

// Returns the kept labels of each node of the last level above the labels, in tree order.
std::vector<Members> kept_members(const LabelTree& old, std::span<const LabelId> new_ids, std::uint64_t labels) {
  if (new_ids.size() != old.label_count())
    throw DataError(fmt::format("new numbers of {} labels, the tree has {}", new_ids.size(), old.label_count()));
  const std::size_t last = old.depth() - 1;
  std::vector<Members> members(old.parents(last));
  for (NodeId leaf = 0; leaf < members.size(); ++leaf)
    for (const NodeId node : old.children(last, leaf)) {
      const LabelId id = new_ids[old.labels()[node]];
      if (id == kGone) continue;
      if (id >= labels) throw DataError(fmt::format("label {} is outside 0..{}", id, labels - 1));
      members[leaf].push_back(id);
    }
  return members;
}

// Returns a matrix with 1 for each member of a row of labels or a range of nodes.
CsrMatrix indicators(std::span<const Members> members, std::uint64_t columns) {
  CsrMatrix matrix(columns);
  for (Members sorted : members) {
    std::ranges::sort(sorted);
    for (const LabelId label : sorted)
      matrix.push(label, 1);
    matrix.end_row();
  }
  return matrix;
}
CsrMatrix indicators(const LabelTree& tree, std::size_t level) {
  CsrMatrix matrix(tree.nodes(level));
  for (NodeId parent = 0; parent < tree.parents(level); ++parent) {
    for (const NodeId child : tree.children(level, parent))
      matrix.push(child, 1);
    matrix.end_row();
  }
  return matrix;
}

// Finds the cluster of a new label. Thread rule: const methods from any thread.
class Descent {
 public:
  Descent(const LabelTree& tree, std::span<const Members> members, CsrView vectors, Parallel& parallel)
      : tree_(tree), levels_(tree.depth() - 1) {
    if (levels_.empty()) return;
    std::vector<std::uint64_t> kept;
    for (const Members& of_leaf : members)
      kept.push_back(of_leaf.size());
    CsrMatrix sums = multiply(indicators(members, vectors.rows), vectors, parallel);
    for (std::size_t level = levels_.size(); level-- > 0;) {
      levels_[level] = {transpose(normalize_rows(sums, Norm::l2)), kept};
      if (level == 0) return;
      std::vector<std::uint64_t> above(tree.parents(level));
      for (NodeId parent = 0; parent < above.size(); ++parent)
        for (const NodeId child : tree.children(level, parent))
          above[parent] += kept[child];
      kept = std::move(above);
      sums = multiply(indicators(tree, level), sums, parallel);
    }
  }

  // Returns the node of the last level above the labels.
  NodeId leaf(SparseRow vector) const {
    NodeId node = 0;
    for (std::size_t level = 0; level < levels_.size(); ++level)
      node = nearest(levels_[level], tree_.children(level, node), vector);
    return node;
  }

 private:
  struct Level {
    CsrMatrix directions;             // features × nodes
    std::vector<std::uint64_t> kept;  // kept labels of each node
  };

  // At least one of the nodes must have kept labels.
  static NodeId nearest(const Level& level, NodeRange nodes, SparseRow vector) {
    std::vector<float> scores(nodes.size());
    for (std::size_t i = 0; i < vector.size(); ++i) {
      const SparseRow row = level.directions.view().row(vector.indices[i]);
      const auto first = std::ranges::lower_bound(row.indices, nodes.front());
      for (auto n = static_cast<std::size_t>(first - row.indices.begin());
           n < row.size() && row.indices[n] - nodes.front() < nodes.size(); ++n)
        scores[row.indices[n] - nodes.front()] += vector.values[i] * row.values[n];
    }
    NodeId best = nodes.front();
    for (const NodeId node : nodes)
      if (level.kept[node] > 0 &&
          (level.kept[best] == 0 || scores[node - nodes.front()] > scores[best - nodes.front()]))
        best = node;
    return best;
  }

  const LabelTree& tree_;
  std::vector<Level> levels_;
};

// Adds the labels of `added` to the members of their nodes.
void place(std::span<const LabelId> added, const LabelTree& old, CsrView vectors, std::vector<Members>& members,
           Parallel& parallel) {
  if (added.empty()) return;
  const Descent descent(old, members, vectors, parallel);
  std::vector<NodeId> leaf_of(added.size());
  Phase phase(parallel.observer(), "place labels", added.size(), "labels");
  parallel.for_blocks(added.size(), 64, [&](std::size_t begin, std::size_t end, unsigned) {
    for (std::size_t i = begin; i < end; ++i)
      leaf_of[i] = descent.leaf(vectors.row(added[i]));
    phase.advance(end - begin);
  });
  for (std::size_t i = 0; i < added.size(); ++i)
    members[leaf_of[i]].push_back(added[i]);
}

// Splits nodes with too many labels. `above` holds the offsets of their level and is updated.
std::vector<Members> split_large(std::vector<Members> members, std::vector<std::uint32_t>& above, CsrView vectors,
                                 const GrowOptions& options, Parallel& parallel) {
  TwoMeans two_means(parallel);
  std::vector<Members> leaves;
  NodeId leaf = 0;
  for (std::size_t parent = 1; parent < above.size(); ++parent) {
    std::vector<Members> others;
    for (; leaf < above[parent]; ++leaf) {
      std::vector<Members> parts = two_means.halve(vectors, std::move(members[leaf]), options.max_leaf,
                                                   options.kmeans.seed, leaf, options.kmeans.rounds);
      leaves.push_back(std::move(parts.front()));
      others.insert(others.end(), std::make_move_iterator(parts.begin() + 1), std::make_move_iterator(parts.end()));
    }
    leaves.insert(leaves.end(), std::make_move_iterator(others.begin()), std::make_move_iterator(others.end()));
    above[parent] = static_cast<std::uint32_t>(leaves.size());
  }
  return leaves;
}

}  // namespace

GrownTree grow_tree(const LabelTree& old, std::span<const LabelId> new_ids, CsrView vectors, const GrowOptions& options,
                    Parallel& parallel) {
  std::vector<Members> members = kept_members(old, new_ids, vectors.rows);
  GrownTree grown;
  std::vector<bool> is_kept(vectors.rows);
  for (const Members& of_leaf : members)
    for (const LabelId label : of_leaf) {
      if (is_kept[label]) throw DataError(fmt::format("two labels of the tree are label {} now", label));
      is_kept[label] = true;
      ++grown.kept;
    }
  if (grown.kept == 0) throw DataError("no label of the tree is left: nothing grows from it");
  Members added;
  for (LabelId label = 0; label < vectors.rows; ++label)
    if (!is_kept[label]) added.push_back(label);
  grown.added = static_cast<LabelId>(added.size());
  place(added, old, vectors, members, parallel);

  std::vector<std::vector<std::uint32_t>> offsets;
  for (std::size_t level = 0; level + 1 < old.depth(); ++level)
    offsets.emplace_back(old.offsets(level).begin(), old.offsets(level).end());
  const std::size_t before = members.size();
  if (!offsets.empty()) members = split_large(std::move(members), offsets.back(), vectors, options, parallel);
  grown.nodes_added = static_cast<NodeId>(members.size() - before);

  std::vector<std::uint32_t>& of_labels = offsets.emplace_back(1, 0);
  Members labels;
  for (const Members& of_leaf : members) {
    labels.insert(labels.end(), of_leaf.begin(), of_leaf.end());
    of_labels.push_back(static_cast<std::uint32_t>(labels.size()));
  }
  grown.tree = LabelTree(std::move(offsets), std::move(labels));
  return grown;
}

}  // namespace xmr
