#include "xmr/predict/beam_walk.hpp"

#include <algorithm>
#include <limits>

namespace xmr {

namespace {

constexpr float kLowest = -std::numeric_limits<float>::infinity();

}  // namespace

void BeamWalk::Stage::reset(std::size_t keep) {
  nodes.clear();
  visited = 0;
  ranked = 0;
  wanted = keep;
  buffer = buffer_of(keep);
  threshold = kLowest;
}

// Drops the nodes behind the best `wanted`. All visited nodes rank before the others.
void BeamWalk::Stage::keep_best() {
  if (nodes.size() < wanted) return;
  if (visited == wanted) {
    nodes.resize(visited);
    ranked = visited;
    threshold = std::numeric_limits<float>::infinity();
    return;
  }
  const auto begin = nodes.begin() + static_cast<std::ptrdiff_t>(visited);
  const auto worst = nodes.begin() + static_cast<std::ptrdiff_t>(wanted) - 1;
  std::ranges::nth_element(begin, worst, nodes.end(), RanksBefore());
  threshold = std::max(threshold, worst->rank_score);
  nodes.resize(wanted);
  ranked = visited;
}

void BeamWalk::start(std::span<const RankedNode> parents, std::span<const std::uint32_t> beams, std::uint32_t k,
                     Order order) {
  depth_ = beams.size() + 1;
  order_ = order;
  if (stages_.size() < depth_ + 1) stages_.resize(depth_ + 1);
  stages_.front().reset(parents.size());
  stages_.front().nodes.assign(parents.begin(), parents.end());
  stages_.front().ranked = parents.size();
  for (std::size_t level = 0; level < beams.size(); ++level)
    stages_[level + 1].reset(beams[level]);
  stages_[depth_].reset(k);
}

void BeamWalk::keep_all() {
  for (std::size_t level = 0; level + 1 < depth_; ++level)
    stages_[level + 1].reset(std::numeric_limits<std::uint32_t>::max());
}

BeamWalk::Parents BeamWalk::next() {
  std::size_t count = 0;
  const std::size_t level = choose(count);
  if (count == 0) return {};
  Stage& stage = stages_[level];
  const std::size_t first = stage.visited;
  stage.visited += count;
  return {level, first, std::span(stage.nodes).subspan(first, count)};
}

// Returns the level of the children of the next parents, and the number of the parents.
std::size_t BeamWalk::choose(std::size_t& count) const {
  if (order_ == Order::by_level) {
    for (std::size_t level = 0; level < depth_; ++level) {
      count = stages_[level].nodes.size() - stages_[level].visited;
      if (count > 0) return level;
    }
    return 0;
  }
  // The best unvisited parent. Nothing below a parent with a rank score below `bound` can be an answer.
  const float bound = stages_[depth_].threshold;
  std::size_t best = depth_;
  float best_score = bound, above = kLowest, above_best = kLowest;
  for (std::size_t level = 0; level < depth_; ++level) {
    const Stage& stage = stages_[level];
    if (stage.is_done()) continue;
    const float score = stage.nodes[stage.visited].rank_score;
    if (best == depth_ ? score >= best_score : score > best_score) {
      best = level;
      best_score = score;
      above_best = above;
    }
    above = std::max(above, score);
  }
  if (best == depth_) return 0;
  // More parents of the level, whose ranks are final. Several chunks at once hide the latency of memory. Doubling the
  // visited parents leaves few steps, so the queries of a group need the same chunk at the same time.
  const Stage& stage = stages_[best];
  const std::size_t most = std::min(stage.nodes.size() - stage.visited, std::max<std::size_t>(1, stage.visited));
  for (count = 1; count < most; ++count) {
    const float score = stage.nodes[stage.visited + count].rank_score;
    if (score < bound || score <= above_best) break;
  }
  return best;
}

void BeamWalk::settle(std::size_t level) {
  Stage& stage = stages_[level + 1];
  stage.keep_best();
  if (level + 1 == depth_) return;
  const auto begin = stage.nodes.begin() + static_cast<std::ptrdiff_t>(stage.visited);
  const auto added = stage.nodes.begin() + static_cast<std::ptrdiff_t>(std::max(stage.ranked, stage.visited));
  std::sort(added, stage.nodes.end(), RanksBefore());
  if (added != begin && added != stage.nodes.end()) {
    merged_.resize(stage.nodes.size() - stage.visited);
    std::merge(begin, added, added, stage.nodes.end(), merged_.begin(), RanksBefore());
    std::ranges::copy(merged_, begin);
  }
  stage.ranked = stage.nodes.size();
}

std::span<const RankedNode> BeamWalk::answers() {
  std::vector<RankedNode>& labels = stages_[depth_].nodes;
  std::ranges::sort(labels, RanksBefore());
  return labels;
}

}  // namespace xmr
