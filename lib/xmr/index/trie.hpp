#pragma once
// The top levels of the trie of the labels' keys, as label trees: what is typed leads down one branch.
//
//   const Trie trie(names.keys().view(), 2);                          // by the first two characters
//   const LabelTree plain = trie_tree(trie);                          // labels directly below
//   const LabelTree tree = hybrid_tree(trie, vectors, form, parallel);  // k-means below
//   const LabelTree linked = must_link_tree(trie, vectors, form, parallel);  // and above
//
// Keys increase bytewise, so those with the same beginning stand next to each other: a node of level t is a range of
// labels, the ones that agree in their first t+1 code points. A key that is shorter has a node of its own, alone, down
// to the last level of the trie. Ill-formed bytes count as util/utf8.hpp reads them.
//
// Below a node of the last trie level the hybrid tree puts the k-means tree of its labels (kmeans_tree.hpp). All labels
// are at the same depth: where a node needs fewer levels than others, its first ones have one child.
//
// The must-link tree has no trie above: k-means groups the nodes of the last trie level, each whole, by the sum of its
// labels' vectors, up to `branching` of them together. Labels that begin alike stay together as in the hybrid tree, and
// beginnings that are followed alike share the nodes above. Cost of the trie: the bytes of the beginnings. Errors:
// DataError for keys that do not increase, by line. Thread rule: const methods from any thread.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "xmr/index/kmeans_tree.hpp"
#include "xmr/index/label_tree.hpp"
#include "xmr/io/names.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

class Trie {
 public:
  // `name` stands in messages, with the line of a key. ConfigError for depth 0.
  Trie(const StringTable& keys, unsigned depth, std::string_view name = "labels");

  std::size_t depth() const { return starts_.size(); }
  // The first label of each node of a level, and behind them the number of labels.
  std::span<const LabelId> starts(std::size_t level) const { return starts_[level]; }
  LabelId labels() const { return starts_.front().back(); }
  // offsets[t] of a LabelTree that begins with the levels of the trie.
  std::vector<std::vector<std::uint32_t>> offsets() const;

 private:
  std::vector<std::vector<LabelId>> starts_;
};

LabelTree trie_tree(const Trie& trie);

// `vectors` has a row per label (DataError if not). The same tree for any number of threads.
LabelTree hybrid_tree(const Trie& trie, CsrView vectors, const KMeansTreeOptions& options, Parallel& parallel);
LabelTree must_link_tree(const Trie& trie, CsrView vectors, const KMeansTreeOptions& options, Parallel& parallel);

}  // namespace xmr
