#pragma once
// Label trees out of chains of matrices, as PECOS writes them: a matrix of each level, its nodes × the nodes of the
// level above (one column, the root, for the first), with an entry where a node is a child of another.
//
//   const TreeOfChain made = tree_of_chain(levels, Unplaced::refuse);
//
// Nodes of a chain may have their children anywhere; those of a tree follow each other, so that nodes get new numbers.
// Children keep the order in which the chain has them. A node without parent is not in the tree, nor is what hangs
// below it: other programs prune so (Unplaced::allow). DataError for a node with two parents, for levels that do not
// fit, and for a chain that leads to no label. Cost: O(nodes × depth).

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/index/label_tree.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

struct ChainLevel {
  std::string name;    // of the file, for messages
  CsrMatrix children;  // a row a parent: the nodes of this level that are its children, in their order; cols: all nodes
};

enum class Unplaced {
  refuse,  // DataError for a label that cannot be reached
  allow,   // it has no place in the tree
};

struct TreeOfChain {
  LabelTree tree;
  std::vector<std::vector<NodeId>> nodes;  // [level][node of the tree]: its number in the chain
};

TreeOfChain tree_of_chain(std::span<const ChainLevel> levels, Unplaced unplaced);

// The matrix of a level. DataError for a value other than 1.
ChainLevel read_chain_level(const std::string& path);

}  // namespace xmr
