#pragma once
// A scored node with the keys of its rank (docs/methods.md, "Inference").

#include <cstdint>

#include "xmr/util/types.hpp"

namespace xmr {

// Larger keys rank first; smaller `order` and `id` rank first.
struct RankedNode {
  float rank_score = 0;
  float margin = 0;
  float path_margin = 0;
  std::uint32_t order = 0;  // TieRule::position: the rank of the parent; for a node in a beam, its own rank
  float path = 0;
  NodeId id = 0;
};

struct RanksBefore {  // a type, not a function, for inlining in sorts
  bool operator()(const RankedNode& a, const RankedNode& b) const {
    if (a.rank_score != b.rank_score) return a.rank_score > b.rank_score;
    if (a.margin != b.margin) return a.margin > b.margin;
    if (a.path_margin != b.path_margin) return a.path_margin > b.path_margin;
    if (a.order != b.order) return a.order < b.order;
    return a.id < b.id;
  }
};

}  // namespace xmr
