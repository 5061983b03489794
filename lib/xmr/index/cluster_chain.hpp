#pragma once
// Makes label trees from chains of matrices, as PECOS writes them. A matrix has the nodes of a level as rows and those
// of the level above as columns (the first level: one column, the root). An entry joins child and parent.
//
//   const TreeOfChain made = tree_of_chain(levels, Unplaced::refuse);
//
// Nodes of a tree are renumbered so that siblings are consecutive; children keep their order. A node without parent is
// left out with everything below it, as other programs prune (Unplaced::allow). Throws DataError for a node with two
// parents, for levels that do not fit, and for a chain without labels. Cost: O(nodes × depth).

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/index/label_tree.hpp"
#include "xmr/sparse/csr.hpp"

namespace xmr {

struct ChainLevel {
  std::string name;    // file name for messages
  CsrMatrix children;  // a row for each parent with its children in order; cols: all nodes
};

enum class Unplaced {
  refuse,  // an unreachable label is a DataError
  allow,   // an unreachable label has no place in the tree
};

struct TreeOfChain {
  LabelTree tree;
  std::vector<std::vector<NodeId>> nodes;  // [level][node of the tree]: number in the chain
};

TreeOfChain tree_of_chain(std::span<const ChainLevel> levels, Unplaced unplaced);

// Reads the matrix of a level. If a value is not 1, throws DataError.
ChainLevel read_chain_level(const std::string& path);

}  // namespace xmr
