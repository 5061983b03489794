#pragma once
// The top levels of the trie of the labels' keys, as label trees: a typed prefix leads down one branch.
//
//   const Trie trie(names.keys().view(), 2);                          // by the first two characters
//   const LabelTree plain = trie_tree(trie);                          // labels directly below
//   const LabelTree tree = hybrid_tree(trie, vectors, form, parallel);  // k-means below
//   const LabelTree linked = must_link_tree(trie, vectors, form, parallel);  // and above
//
// Keys increase bytewise, so a node of level t is the range of labels that agree in their first t+1 code points. A
// shorter key has a node of its own down to the last level. Ill-formed bytes count as util/utf8.hpp reads them.
//
// The hybrid tree has the k-means tree (kmeans_tree.hpp) of its labels below each node of the last trie level. All
// labels have the same depth: if a node needs fewer levels, its first levels have one child.
//
// The must-link tree has no trie above: k-means groups whole nodes of the last trie level by the sums of their labels'
// vectors, up to `branching` nodes together. Cost of the trie: the bytes of the beginnings. Errors: DataError with the
// line of a key that does not increase. Thread rule: const methods from any thread.

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
  // `name`: for messages, with the line of a key. If depth is 0, throws ConfigError.
  Trie(const StringTable& keys, unsigned depth, std::string_view name = "labels");

  std::size_t depth() const { return starts_.size(); }
  // The first label of each node of a level, and the number of labels at the end.
  std::span<const LabelId> starts(std::size_t level) const { return starts_[level]; }
  LabelId labels() const { return starts_.front().back(); }
  // The offsets of a LabelTree that begins with the levels of the trie.
  std::vector<std::vector<std::uint32_t>> offsets() const;

 private:
  std::vector<std::vector<LabelId>> starts_;
};

LabelTree trie_tree(const Trie& trie);

// If `vectors` has another number of rows than labels, throws DataError. The tree does not depend on the number of
// threads.
LabelTree hybrid_tree(const Trie& trie, CsrView vectors, const KMeansTreeOptions& options, Parallel& parallel);
LabelTree must_link_tree(const Trie& trie, CsrView vectors, const KMeansTreeOptions& options, Parallel& parallel);

}  // namespace xmr
