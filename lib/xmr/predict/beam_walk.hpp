#pragma once
// The walk of one query through a tree: the nodes found at each level, and the parents to visit next, best first.
//
//   walk.start(parents, beams, k, order);
//   for (Parents next = walk.next(); !next.empty(); next = walk.next()) {
//     // for each child of next.nodes: if (node.rank_score >= walk.threshold(next.level)) walk.add(next.level, node);
//     walk.settle(next.level);
//   }
//   walk.answers();   // the best k labels, by rank
//
// Post-processors with factors of at most 1 never raise the rank score from a parent to its child. So a parent's rank
// score bounds the scores of all nodes below it. Order::best_first visits parents by rank score; of equal scores the
// level nearest to the root comes first. A node found later then ranks behind all visited nodes of its level. The first
// `beam` visited nodes of a level, and the answers, therefore equal a search level by level. The walk ends when no
// parent can lead to one of the best k labels. Order::by_level visits all kept nodes of a level at once.
//
// Cost: a pass over the levels a call of next(); a selection linear in the added nodes; a sort of the added nodes that
// are kept, and a merge with the others. Memory: buffer_of(beam) nodes a level, reused. Thread rule: one object a
// thread.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "xmr/predict/ranked_node.hpp"

namespace xmr {

class BeamWalk {
 public:
  enum class Order : std::uint8_t { best_first, by_level };

  // Parents of the nodes of `level`, by rank. The first one has the rank `first_rank`.
  struct Parents {
    std::size_t level = 0;
    std::size_t first_rank = 0;
    std::span<const RankedNode> nodes = {};

    bool empty() const { return nodes.empty(); }
  };

  // Collected nodes of a level before the worst are dropped.
  static constexpr std::size_t buffer_of(std::size_t wanted) { return wanted < 8 ? 16 : 2 * wanted; }

  // `parents` are the parents of level 0, by rank. Level n above the labels keeps beams[n] nodes.
  void start(std::span<const RankedNode> parents, std::span<const std::uint32_t> beams, std::uint32_t k, Order order);
  // Keeps all nodes above the labels.
  void keep_all();

  // Returns the next parents to visit; none at the end of the walk. Valid until the next call.
  Parents next();
  // The node of a level with a rank below parents.first_rank + parents.nodes.size().
  const RankedNode& parent(std::size_t level, std::size_t rank) const { return stages_[level].nodes[rank]; }

  // Nodes of a level with a lower rank score are dropped.
  float threshold(std::size_t level) const { return std::max(stages_[level + 1].threshold, stages_[depth_].threshold); }
  void add(std::size_t level, const RankedNode& node) {
    Stage& stage = stages_[level + 1];
    stage.nodes.push_back(node);
    if (stage.nodes.size() >= stage.buffer) stage.keep_best();
  }
  // Ranks the added nodes of a level.
  void settle(std::size_t level);

  // Hints for a group of walks, before the nodes of a level are added: first the stages, later their nodes.
  void prefetch(std::size_t level) const {
    __builtin_prefetch(&stages_[level]);
    __builtin_prefetch(&stages_[level + 1]);
    __builtin_prefetch(&stages_[depth_]);
  }
  void prefetch_nodes(std::size_t level) const {
    const Stage& stage = stages_[level + 1];
    __builtin_prefetch(stages_[level].nodes.data() + stages_[level].visited);
    __builtin_prefetch(stage.nodes.data() + stage.nodes.size());
  }

  // Returns the best labels, ranked. Call at the end of the walk.
  std::span<const RankedNode> answers();

 private:
  // Nodes of a level. Stage 0 has the parents of level 0, stage n + 1 the nodes of level n.
  struct Stage {
    std::vector<RankedNode> nodes;  // the visited ones first, by rank
    std::size_t visited = 0;
    std::size_t ranked = 0;  // nodes in the order of their ranks, from the first; at least the visited ones
    std::size_t wanted = 0;  // nodes to keep
    std::size_t buffer = 0;
    float threshold = 0;

    void reset(std::size_t keep);
    bool is_done() const { return visited == nodes.size(); }
    void keep_best();
  };
  std::size_t choose(std::size_t& count) const;

  std::vector<Stage> stages_;
  std::vector<RankedNode> merged_;  // of settle()
  std::size_t depth_ = 0;           // levels
  Order order_ = Order::best_first;
};

}  // namespace xmr
