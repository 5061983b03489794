#pragma once
// How balanced a label tree is, level by level.

#include <vector>

#include "xmr/index/label_tree.hpp"
#include "xmr/util/spread.hpp"

namespace xmr {

struct LevelStatistics {
  NodeId nodes = 0;
  Spread children;  // in this level, of the nodes of the level above
  Spread labels;    // below the nodes of this level; 1 in the last one
};

// One a level. O(nodes).
std::vector<LevelStatistics> level_statistics(const LabelTree& tree);

}  // namespace xmr
