#include "xmr/index/kmeans_tree.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <iterator>
#include <numeric>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/index/compactor.hpp"
#include "xmr/index/kmeans.hpp"
#include "xmr/index/two_means.hpp"
#include "xmr/util/error.hpp"

namespace xmr {

namespace {

using Members = std::vector<LabelId>;  // labels of a node, increasing

// Bounds on the labels of the nodes of a level.
struct Sizes {
  double mean;
  std::size_t most;
};

// Divides one node at a time on the threads of its pool.
class Divider {
 public:
  Divider(Parallel& parallel, const KMeansOptions& options)
      : kmeans_(parallel), two_means_(parallel), rounds_(options.rounds) {}

  // Divides the members of a node. Returns the members of each child.
  LevelNodes divide(CsrView vectors, Members members, Sizes sizes, Random random) {
    const auto k = static_cast<std::uint32_t>(std::round(static_cast<double>(members.size()) / sizes.mean));
    LevelNodes children;
    if (k < 2 && members.size() <= sizes.most) {
      children.push_back(std::move(members));
      return children;
    }
    // If the members are all rows, a copy would be no more compact.
    const CsrMatrix copy = members.size() < vectors.rows ? compactor_.copy(vectors, members) : CsrMatrix();
    const CsrView own = members.size() < vectors.rows ? copy.view() : vectors;
    const std::uint64_t seed = random.next();
    LevelNodes clusters(1, Members(members.size()));
    std::iota(clusters.front().begin(), clusters.front().end(), 0U);
    if (k >= 2) clusters = kmeans_.divide(own, k, random, rounds_);
    for (std::size_t cluster = 0; cluster < clusters.size(); ++cluster)
      std::ranges::move(two_means_.halve(own, std::move(clusters[cluster]), sizes.most, seed, cluster, rounds_),
                        std::back_inserter(children));
    for (Members& child : children)
      for (std::uint32_t& row : child)
        row = members[row];
    return children;
  }

 private:
  Compactor compactor_;
  KMeans kmeans_;
  TwoMeans two_means_;
  unsigned rounds_;
};

// Divides the nodes of a level one after another. Thread rule: one level at a time.
class LevelDivider {
 public:
  LevelDivider(CsrView vectors, const KMeansOptions& options, Parallel& parallel, Phase& phase)
      : vectors_(vectors), options_(options), parallel_(parallel), phase_(phase), together_(parallel, options) {
    for (unsigned worker = 0; worker < parallel.threads(); ++worker)
      workers_.emplace_back(alone_.emplace_back(1), options);
  }

  // Returns the children of each node.
  std::vector<LevelNodes> divide(LevelNodes nodes, std::size_t level, Sizes sizes) {
    std::vector<LevelNodes> children(nodes.size());
    const auto divide_node = [&](Divider& divider, std::size_t node) {
      const std::size_t labels = nodes[node].size();
      const Random random(options_.seed, std::uint64_t{level} << 32 | nodes[node].front());
      children[node] = divider.divide(vectors_, std::move(nodes[node]), sizes, random);
      phase_.advance(labels);
    };
    std::vector<std::size_t> small;
    for (std::size_t node = 0; node < nodes.size(); ++node)
      if (nodes[node].size() > vectors_.rows / 16)
        divide_node(together_, node);
      else
        small.push_back(node);
    std::ranges::stable_sort(small, std::greater<>(), [&](std::size_t node) { return nodes[node].size(); });
    parallel_.for_each(small.size(), [&](std::size_t i, unsigned worker) { divide_node(workers_[worker], small[i]); });
    return children;
  }

 private:
  CsrView vectors_;
  const KMeansOptions& options_;
  Parallel& parallel_;
  Phase& phase_;
  Divider together_;
  std::deque<Parallel> alone_;  // one for each worker; not movable
  std::deque<Divider> workers_;
};

}  // namespace

std::size_t largest_node(const TreeShape& shape, const KMeansTreeOptions& options, std::size_t level) {
  constexpr std::uint64_t kLargest = 4;  // maximum size of a node above the clusters, in mean sizes
  const bool are_clusters = level + 1 == shape.levels().size();
  return are_clusters ? options.max_leaf : kLargest * shape.labels() / shape.levels()[level];
}

DividedNodes undivided(const TreeShape& shape) {
  DividedNodes root{.offsets = {}, .nodes = LevelNodes(1, Members(shape.labels()))};
  std::iota(root.nodes.front().begin(), root.nodes.front().end(), LabelId{0});
  return root;
}

DividedNodes divide_nodes(CsrView vectors, const TreeShape& shape, const KMeansTreeOptions& options, LevelNodes nodes,
                          std::size_t first, std::size_t last, Parallel& parallel) {
  if (vectors.rows != shape.labels())
    throw DataError(fmt::format("{} label vectors, but {} labels", vectors.rows, shape.labels()));
  DividedNodes divided;
  divided.nodes = std::move(nodes);
  if (first == last) return divided;
  std::uint64_t labels = 0;
  for (const Members& node : divided.nodes)
    labels += node.size();
  Phase phase(parallel.observer(), "cluster", labels * (last - first), "labels");
  Members all(shape.labels());
  std::iota(all.begin(), all.end(), LabelId{0});
  const CsrMatrix own = Compactor().copy(vectors, all);
  LevelDivider divider(own, options.kmeans, parallel, phase);

  for (std::size_t level = first; level < last; ++level) {
    const double mean = static_cast<double>(shape.labels()) / shape.levels()[level];
    const Sizes sizes{mean, largest_node(shape, options, level)};
    std::vector<LevelNodes> children = divider.divide(std::move(divided.nodes), level, sizes);
    auto& of_level = divided.offsets.emplace_back(1, 0);
    divided.nodes.clear();
    for (LevelNodes& of_node : children) {
      std::ranges::move(of_node, std::back_inserter(divided.nodes));
      of_level.push_back(static_cast<std::uint32_t>(divided.nodes.size()));
    }
  }
  return divided;
}

Subtrees with_labels(DividedNodes divided) {
  Subtrees subtrees{.offsets = std::move(divided.offsets), .labels = {}};
  auto& of_labels = subtrees.offsets.emplace_back(1, 0);
  for (const Members& cluster : divided.nodes) {
    subtrees.labels.insert(subtrees.labels.end(), cluster.begin(), cluster.end());
    of_labels.push_back(static_cast<std::uint32_t>(subtrees.labels.size()));
  }
  return subtrees;
}

LabelTree kmeans_tree_below(DividedNodes top, CsrView vectors, const KMeansTreeOptions& options, Parallel& parallel) {
  const TreeShape shape = TreeShape::wide_root(vectors.rows, options.branching, options.max_leaf);
  Subtrees below = with_labels(
      divide_nodes(vectors, shape, options, std::move(top.nodes), top.offsets.size(), shape.levels().size(), parallel));
  std::ranges::move(below.offsets, std::back_inserter(top.offsets));
  return {std::move(top.offsets), std::move(below.labels)};
}

LabelTree kmeans_tree(CsrView vectors, const KMeansTreeOptions& options, Parallel& parallel) {
  return kmeans_tree_below(undivided(TreeShape::wide_root(vectors.rows, options.branching, options.max_leaf)), vectors,
                           options, parallel);
}

}  // namespace xmr
