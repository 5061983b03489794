#pragma once
// The balance of a label tree, level by level.

#include <vector>

#include "xmr/index/label_tree.hpp"
#include "xmr/util/spread.hpp"

namespace xmr {

struct LevelStatistics {
  NodeId nodes = 0;
  Spread children;  // children, in this level, of the nodes above
  Spread labels;    // labels below the nodes of this level; 1 in the last level
};

// Returns one entry a level. O(nodes above the labels).
std::vector<LevelStatistics> level_statistics(const LabelTree& tree);

}  // namespace xmr
