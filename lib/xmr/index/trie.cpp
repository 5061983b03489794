#include "xmr/index/trie.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "xmr/index/label_embedding.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

void require_increasing(const StringTable& keys, std::string_view name) {
  for (std::size_t i = 1; i < keys.size(); ++i)
    if (keys[i] <= keys[i - 1])
      throw DataError(name, i + 1,
                      fmt::format("{} stands behind {}, but the keys of a trie increase bytewise", quote(keys[i]),
                                  quote(keys[i - 1])),
                      "sort labels.txt with LC_ALL=C sort before labels are numbered by it");
}

void append_children(std::vector<std::uint32_t>& offsets, std::uint32_t children) {
  offsets.push_back(offsets.back() + children);
}

// Returns the k-means tree of the labels first..last-1, numbered from 0.
LabelTree subtree(CsrView vectors, LabelId first, LabelId last, const KMeansTreeOptions& options, Parallel& parallel) {
  CsrView own = vectors;
  own.rows = last - first;
  own.indptr = vectors.indptr.subspan(first, own.rows + 1);
  return kmeans_tree(own, options, parallel);
}

// Returns the tree with the upper levels `above`: node i of their last level is trie node `order[i]`, with the k-means
// tree of its labels below. All labels have the same depth: if a node needs fewer levels, its first levels have one
// child.
LabelTree with_subtrees(std::vector<std::vector<std::uint32_t>> above, std::span<const NodeId> order, const Trie& trie,
                        CsrView vectors, const KMeansTreeOptions& options, Parallel& parallel) {
  const std::span<const LabelId> starts = trie.starts(trie.depth() - 1);
  std::vector<LabelTree> subtrees;
  std::size_t depth = 0;
  for (const NodeId node : order) {
    subtrees.push_back(subtree(vectors, starts[node], starts[node + 1], options, parallel));
    depth = std::max(depth, subtrees.back().depth());
  }

  std::vector<std::vector<std::uint32_t>> below(depth, {0});
  std::vector<LabelId> labels;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const LabelTree& tree = subtrees[i];
    const std::size_t padding = depth - tree.depth();
    for (std::size_t level = 0; level < padding; ++level)
      append_children(below[level], 1);
    for (std::size_t level = 0; level < tree.depth(); ++level)
      for (NodeId parent = 0; parent < tree.parents(level); ++parent)
        append_children(below[padding + level], tree.children(level, parent).size());
    for (const LabelId label : tree.labels())
      labels.push_back(starts[order[i]] + label);
  }
  std::ranges::move(below, std::back_inserter(above));
  return {std::move(above), std::move(labels)};
}

void require_vectors(const Trie& trie, CsrView vectors) {
  if (vectors.rows != trie.labels())
    throw DataError(fmt::format("{} label vectors, but {} labels", vectors.rows, trie.labels()));
}

// Returns a vector for each node of the last trie level: the sum of its labels' vectors.
CsrMatrix node_vectors(const Trie& trie, CsrView vectors, Parallel& parallel) {
  const std::span<const LabelId> starts = trie.starts(trie.depth() - 1);
  CsrMatrix node_of_label(starts.size() - 1);
  for (std::uint32_t node = 0; node + 1 < starts.size(); ++node) {
    for (LabelId label = starts[node]; label < starts[node + 1]; ++label) {
      node_of_label.push(node, 1);
      node_of_label.end_row();
    }
  }
  return embed_labels(vectors, node_of_label.view(), CsrView(), {}, parallel);
}

}  // namespace

Trie::Trie(const StringTable& keys, unsigned depth, std::string_view name) {
  if (depth == 0) throw ConfigError("trie: a depth of 0 characters, at least 1 is needed");
  if (keys.size() == 0) throw DataError("trie: there are no labels");
  require_increasing(keys, name);
  std::vector<std::size_t> lengths(keys.size());  // lengths of the beginnings in bytes
  for (unsigned level = 0; level < depth; ++level) {
    auto& starts = starts_.emplace_back();
    for (LabelId label = 0; label < keys.size(); ++label) {
      const std::string_view key = keys[label];
      std::size_t& length = lengths[label];
      if (length < key.size()) length += decode_utf8(key.substr(length)).length;
      if (label == 0 || key.substr(0, length) != keys[label - 1].substr(0, lengths[label - 1])) starts.push_back(label);
    }
    starts.push_back(static_cast<LabelId>(keys.size()));
  }
}

std::vector<std::vector<std::uint32_t>> Trie::offsets() const {
  const std::vector<LabelId> root{0, labels()};
  std::vector<std::vector<std::uint32_t>> offsets;
  for (std::size_t level = 0; level < depth(); ++level) {
    auto& of_level = offsets.emplace_back();
    for (const LabelId start : level == 0 ? root : starts_[level - 1])
      of_level.push_back(
          static_cast<std::uint32_t>(std::ranges::lower_bound(starts_[level], start) - starts_[level].begin()));
  }
  return offsets;
}

LabelTree trie_tree(const Trie& trie) {
  std::vector<std::vector<std::uint32_t>> offsets = trie.offsets();
  const std::span<const LabelId> starts = trie.starts(trie.depth() - 1);
  offsets.emplace_back(starts.begin(), starts.end());
  std::vector<LabelId> labels(trie.labels());
  std::iota(labels.begin(), labels.end(), LabelId{0});
  return {std::move(offsets), std::move(labels)};
}

LabelTree hybrid_tree(const Trie& trie, CsrView vectors, const KMeansTreeOptions& options, Parallel& parallel) {
  require_vectors(trie, vectors);
  std::vector<NodeId> order(trie.starts(trie.depth() - 1).size() - 1);
  std::iota(order.begin(), order.end(), NodeId{0});
  return with_subtrees(trie.offsets(), order, trie, vectors, options, parallel);
}

LabelTree must_link_tree(const Trie& trie, CsrView vectors, const KMeansTreeOptions& options, Parallel& parallel) {
  require_vectors(trie, vectors);
  const auto nodes = static_cast<LabelId>(trie.starts(trie.depth() - 1).size() - 1);
  KMeansTreeOptions groups = options;  // options for nodes: max_leaf counts nodes
  groups.max_leaf = options.branching;
  const LabelTree top = subtree(node_vectors(trie, vectors, parallel), 0, nodes, groups, parallel);
  std::vector<std::vector<std::uint32_t>> above;
  for (std::size_t level = 0; level < top.depth(); ++level)
    above.emplace_back(top.offsets(level).begin(), top.offsets(level).end());
  return with_subtrees(std::move(above), top.labels(), trie, vectors, options, parallel);
}

}  // namespace xmr
