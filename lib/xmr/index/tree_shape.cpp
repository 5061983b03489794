#include "xmr/index/tree_shape.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {

namespace {

std::uint64_t divide_up(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

// Returns the lanes that training needs for `children` siblings: groups of 16, the last one of 4, 8 or 16.
std::uint64_t lanes(std::uint64_t children) {
  const std::uint64_t rest = children % 16;
  return children - rest + (rest == 0 ? 0 : rest <= 4 ? 4 : rest <= 8 ? 8 : 16);
}

}  // namespace

TreeShape::TreeShape(std::uint64_t labels, std::uint32_t branching, std::uint32_t max_leaf)
    : labels_(static_cast<LabelId>(labels)), branching_(branching) {
  constexpr std::uint64_t kMaxLabels = std::numeric_limits<LabelId>::max();
  if (labels < 1 || labels > kMaxLabels) {
    throw ConfigError(fmt::format("label tree: {} labels, allowed are 1..{}", labels, kMaxLabels));
  }
  if (branching < 2) throw ConfigError(fmt::format("branching: {} is less than 2", branching));
  if (max_leaf < 2) throw ConfigError(fmt::format("max-leaf: {} is less than 2", max_leaf));
}

TreeShape TreeShape::wide_root(std::uint64_t labels, std::uint32_t branching, std::uint32_t max_leaf) {
  TreeShape shape(labels, branching, max_leaf);
  const std::uint64_t fewest_clusters = divide_up(labels, max_leaf);
  if (fewest_clusters == 1) return shape;

  const std::uint64_t widest = std::uint64_t{4} * branching;
  std::uint64_t below_root = 1;  // clusters below each child of the root
  while (below_root * widest < fewest_clusters)
    below_root *= branching;

  // A cluster has at least half of max_leaf labels, so that a beam has enough labels to choose from.
  std::uint64_t best = divide_up(fewest_clusters, below_root), least_lanes = std::numeric_limits<std::uint64_t>::max();
  for (std::uint64_t children = best; children <= widest; ++children) {
    const std::uint64_t clusters = children * below_root;
    if (children > best && labels / clusters < max_leaf / 2) break;
    const std::uint64_t used = lanes(children) + lanes(divide_up(labels, clusters));
    if (used > least_lanes) continue;
    best = children;
    least_lanes = used;
  }
  for (std::uint64_t nodes = best; nodes <= best * below_root; nodes *= branching)
    shape.levels_.push_back(static_cast<NodeId>(nodes));
  return shape;
}

TreeShape TreeShape::pecos(std::uint64_t labels, std::uint32_t branching, std::uint32_t max_leaf) {
  TreeShape shape(labels, branching, max_leaf);
  shape.keeps_nodes_whole_ = false;
  std::uint64_t nodes = 1;
  while (divide_up(labels, nodes) > max_leaf)
    nodes *= 2;
  if (nodes == 1) return shape;
  shape.levels_.push_back(static_cast<NodeId>(nodes));
  while (nodes > branching) {
    nodes = divide_up(nodes, branching);
    shape.levels_.push_back(static_cast<NodeId>(nodes));
  }
  std::ranges::reverse(shape.levels_);
  return shape;
}

NodeId TreeShape::split(NodeId begin, NodeId end) const {
  const std::uint64_t count = end - begin;
  std::uint64_t whole = 1;  // clusters below a node of the lowest level with several nodes in the range
  if (keeps_nodes_whole_)
    while (whole * branching_ < count)
      whole *= branching_;
  return static_cast<NodeId>(begin + divide_up(count, whole) / 2 * whole);
}

LabelTree TreeShape::tree(std::vector<LabelId> order) const {
  std::vector<std::vector<std::uint32_t>> offsets;
  std::uint64_t parents = 1;
  for (const NodeId nodes : levels_) {
    auto& level = offsets.emplace_back();
    const std::uint64_t children = parents == 1 ? nodes : branching_;
    for (std::uint64_t parent = 0; parent <= parents; ++parent)
      level.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(nodes, parent * children)));
    parents = nodes;
  }
  auto& last = offsets.emplace_back();
  for (std::uint64_t cluster = 0; cluster <= parents; ++cluster)
    last.push_back(first_label(static_cast<NodeId>(cluster)));
  return {std::move(offsets), std::move(order)};
}

}  // namespace xmr
