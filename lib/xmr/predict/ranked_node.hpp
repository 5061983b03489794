#pragma once
// A node that a search has scored, with the keys by which nodes are ranked (docs/methods.md, "Inference").

#include <cstdint>

#include "xmr/util/types.hpp"

namespace xmr {

// Larger keys rank first, except `order` and, where that is equal, `id`.
struct RankedNode {
  float rank_score = 0;
  float margin = 0;
  float path_margin = 0;
  std::uint32_t order = 0;  // by position: the rank of the parent, of a node in a beam its own
  float path = 0;
  NodeId id = 0;
};

struct RanksBefore {  // a type of its own, so that it is inlined where nodes are sorted
  bool operator()(const RankedNode& a, const RankedNode& b) const {
    if (a.rank_score != b.rank_score) return a.rank_score > b.rank_score;
    if (a.margin != b.margin) return a.margin > b.margin;
    if (a.path_margin != b.path_margin) return a.path_margin > b.path_margin;
    if (a.order != b.order) return a.order < b.order;
    return a.id < b.id;
  }
};

}  // namespace xmr
