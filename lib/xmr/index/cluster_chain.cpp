#include "xmr/index/cluster_chain.hpp"

#include <limits>
#include <utility>

#include <fmt/format.h>

#include "xmr/sparse/matrix_file.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

constexpr NodeId kNoParent = std::numeric_limits<NodeId>::max();

// Returns the parent of each node of a level. If a node has two, throws DataError.
std::vector<NodeId> parents_of(const ChainLevel& level, std::string_view kind) {
  const CsrView children = level.children;
  std::vector<NodeId> parents(children.cols, kNoParent);
  for (NodeId parent = 0; parent < children.rows; ++parent)
    for (const NodeId child : children.row(parent).indices) {
      if (parents[child] != kNoParent)
        throw DataError(level.name, fmt::format("{} {} has two parents, {} and {}; in a tree it has one", kind, child,
                                                parents[child], parent));
      parents[child] = parent;
    }
  return parents;
}

void require_fit(std::span<const ChainLevel> levels) {
  std::uint64_t parents = 1;
  for (const ChainLevel& level : levels) {
    const CsrView children = level.children;
    if (children.rows != parents)
      throw DataError(level.name, fmt::format("{} parents, but the level above has {}", children.rows,
                                              parents == 1 ? "1 node" : fmt::format("{} nodes", parents)));
    if (children.cols == 0) throw DataError(level.name, "has no nodes");
    parents = children.cols;
  }
}

}  // namespace

TreeOfChain tree_of_chain(std::span<const ChainLevel> levels, Unplaced unplaced) {
  require_fit(levels);
  std::vector<std::vector<std::uint32_t>> offsets;
  std::vector<std::vector<NodeId>> nodes;
  std::vector<NodeId> above{0};  // nodes of the level above, in tree order
  for (std::size_t number = 0; number < levels.size(); ++number) {
    const ChainLevel& level = levels[number];
    const bool is_last = number + 1 == levels.size();
    const std::vector<NodeId> parents = parents_of(level, is_last ? "label" : "node");
    if (is_last && unplaced == Unplaced::refuse)
      for (LabelId label = 0; label < parents.size(); ++label)
        if (parents[label] == kNoParent) throw DataError(level.name, fmt::format("label {} is in no cluster", label));
    std::vector<std::uint32_t>& ends = offsets.emplace_back(1, 0);
    std::vector<NodeId>& placed = nodes.emplace_back();
    for (const NodeId parent : above) {
      const SparseRow children = level.children.view().row(parent);
      placed.insert(placed.end(), children.indices.begin(), children.indices.end());
      ends.push_back(static_cast<std::uint32_t>(placed.size()));
    }
    if (placed.empty()) throw DataError(level.name, "no node of this level can be reached from the root");
    above = placed;
  }
  const std::uint64_t labels = levels.back().children.cols();
  if (unplaced == Unplaced::refuse && nodes.back().size() != labels)
    throw DataError(levels.back().name, fmt::format("{} of {} labels hang below clusters that are in no cluster",
                                                    labels - nodes.back().size(), labels));
  LabelTree tree(std::move(offsets), nodes.back(), labels);
  return {std::move(tree), std::move(nodes)};
}

ChainLevel read_chain_level(const std::string& path) {
  ChainLevel level{path, read_columns_as_stored(path)};
  const CsrView children = level.children;
  for (NodeId parent = 0; parent < children.rows; ++parent) {
    const SparseRow row = children.row(parent);
    for (std::size_t i = 0; i < row.size(); ++i)
      if (row.values[i] != 1)
        throw DataError(path, fmt::format("node {}, parent {}: the value is {}, only 1 (is its child) is allowed",
                                          row.indices[i], parent, row.values[i]));
  }
  return level;
}

}  // namespace xmr
