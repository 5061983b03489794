#pragma once
// The label tree: how a search gets from the root to the labels.
//
// Level 0 is the level below the root, level depth()-1 are the labels. Nodes of a level are numbered in tree order, so
// the children of a node are a range of the next level: one offset array a level describes everything. At the last
// level, node i stands for label labels()[i]: a permutation of 0..L-1, or, in the tree of a model that was pruned by
// another program, some of these labels; the others have no place and are never answers.
//
// A forest is the last level alone, below some nodes of the level above: its level 0 has these nodes as parents in
// place of the root, and none of them need have a child.
//
//   for (NodeId child : tree.children(level, parent))      // parent: a node of level-1; 0 (the root) for level 0
//
// Thread rule: const methods from any thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xmr/index/tree_labels.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

// The nodes first..last-1 of a level. (std::ranges::iota_view would do, but clang 14 cannot read libstdc++ 12's.)
class NodeRange {
 public:
  class Iterator {
   public:
    explicit Iterator(NodeId node) : node_(node) {}
    NodeId operator*() const { return node_; }
    Iterator& operator++() {
      ++node_;
      return *this;
    }
    bool operator==(const Iterator&) const = default;

   private:
    NodeId node_;
  };

  NodeRange(NodeId first, NodeId last) : first_(first), last_(last) {}
  Iterator begin() const { return Iterator(first_); }
  Iterator end() const { return Iterator(last_); }
  NodeId front() const { return first_; }
  NodeId size() const { return last_ - first_; }
  bool empty() const { return first_ == last_; }

 private:
  NodeId first_, last_;
};

class LabelTree {
 public:
  LabelTree() = default;
  // offsets[t] has (nodes of level t-1)+1 entries, 1+1 for t = 0; offsets[t][p]..offsets[t][p+1] are p's children in
  // level t. A node above the last level may have no child. DataError unless each level is covered exactly once and
  // `labels` are labels 0..label_count-1, each at most once. Without label_count every label has a place.
  LabelTree(std::vector<std::vector<std::uint32_t>> offsets, std::vector<LabelId> labels);
  LabelTree(std::vector<std::vector<std::uint32_t>> offsets, std::vector<LabelId> labels, std::uint64_t label_count);

  std::size_t depth() const { return offsets_.size(); }
  NodeId nodes(std::size_t level) const { return offsets_[level].back(); }
  // Nodes that have children in `level`: nodes(level-1), 1 for level 0.
  NodeId parents(std::size_t level) const { return static_cast<NodeId>(offsets_[level].size() - 1); }
  LabelId label_count() const { return label_count_; }
  // Nodes of the last level: the labels that have a place.
  LabelId placed_labels() const { return static_cast<LabelId>(labels_.size()); }

  NodeRange children(std::size_t level, NodeId parent) const {
    return {offsets_[level][parent], offsets_[level][parent + 1]};
  }
  std::span<const std::uint32_t> offsets(std::size_t level) const { return offsets_[level]; }
  // Label of each node of the last level. Checks all of them first if the tree was opened in a file: see TreeLabels.
  std::span<const LabelId> labels() const { return labels_.all(); }
  // Label of a node of the last level that was checked.
  LabelId label(NodeId node) const { return labels_[node]; }
  // Checks the labels of these nodes of the last level before label() is asked for them. FormatError if they are
  // damaged.
  void check_labels(NodeRange nodes) const { labels_.check(nodes.front(), nodes.front() + nodes.size()); }
  // The other way round: the node of each label at the last level, or kNoPlace. O(L).
  static constexpr NodeId kNoPlace = 0xffffffffU;
  std::vector<NodeId> nodes_of_labels() const;

  // The first ones of the levels, at least one; the nodes of the last of them are its labels, by number.
  LabelTree first_levels(std::size_t levels) const;

  // The forest below the nodes first..last-1 of the level above the last, numbered from 0 as its parents are. Labels
  // keep their numbers, and label_count() counts all of them. At least two levels; DataError for more labels than a
  // file may leave without a place (2^28).
  LabelTree forest(NodeId first, NodeId last) const;

  // 16 hexadecimal digits that name this tree: a model records its tree's.
  std::string fingerprint() const;

  // As a component of an archive, members `prefix`level<t> and `prefix`labels. O(L); checks everything that it reads.
  void write(NpzWriter& out, const std::string& prefix) const;
  // Without label_count every label has a place.
  static LabelTree read(const NpzFile& file, const std::string& prefix, std::size_t depth,
                        std::optional<std::uint64_t> label_count = {});
  // The same of a tree with all its labels, but labels that have checksums are checked when they are visited.
  static LabelTree open(const std::shared_ptr<const NpzFile>& file, const std::string& prefix, std::size_t depth,
                        std::uint64_t label_count);
  static LabelTree read_forest(const NpzFile& file, const std::string& prefix, std::uint64_t label_count);

 private:
  enum class Roots : std::uint8_t { one, any };
  static LabelTree read(const NpzFile& file, const std::string& prefix, std::size_t depth,
                        std::optional<std::uint64_t> label_count, Roots roots);

  std::vector<std::vector<std::uint32_t>> offsets_;
  TreeLabels labels_;
  LabelId label_count_ = 0;
};

// A tree as a file of its own (kind "label-tree"): fills and commits `out`. `content` are the options it was made with.
void write_tree(NpzWriter out, const LabelTree& tree, Json content);
LabelTree read_tree(const NpzFile& file);
LabelTree read_tree(const std::string& path);

}  // namespace xmr
