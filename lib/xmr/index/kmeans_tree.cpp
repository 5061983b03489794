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

// Divides the nodes of a level one after another. Row i of `vectors` is the vector of label_of[i]; nodes have rows.
// Thread rule: one level at a time.
class LevelDivider {
 public:
  LevelDivider(CsrView vectors, std::span<const LabelId> label_of, const KMeansOptions& options, Parallel& parallel,
               Phase& phase)
      : vectors_(vectors),
        label_of_(label_of),
        options_(options),
        parallel_(parallel),
        phase_(phase),
        together_(parallel, options) {
    for (unsigned worker = 0; worker < parallel.threads(); ++worker)
      workers_.emplace_back(alone_.emplace_back(1), options);
  }

  // Builds levels first..last-1 below some nodes.
  DividedNodes divide(LevelNodes nodes, const TreeShape& shape, const KMeansTreeOptions& options, std::size_t first,
                      std::size_t last) {
    DividedNodes divided{.offsets = {}, .nodes = std::move(nodes)};
    for (std::size_t level = first; level < last; ++level) {
      const double mean = static_cast<double>(shape.labels()) / shape.levels()[level];
      const Sizes sizes{mean, largest_node(shape, options, level)};
      std::vector<LevelNodes> children = divide_level(std::move(divided.nodes), level, sizes);
      auto& of_level = divided.offsets.emplace_back(1, 0);
      divided.nodes.clear();
      for (LevelNodes& of_node : children) {
        std::ranges::move(of_node, std::back_inserter(divided.nodes));
        of_level.push_back(static_cast<std::uint32_t>(divided.nodes.size()));
      }
    }
    return divided;
  }

 private:
  // Returns the children of each node.
  std::vector<LevelNodes> divide_level(LevelNodes nodes, std::size_t level, Sizes sizes) {
    std::vector<LevelNodes> children(nodes.size());
    const auto divide_node = [&](Divider& divider, std::size_t node) {
      const std::size_t labels = nodes[node].size();
      const Random random(options_.seed, std::uint64_t{level} << 32 | label_of_[nodes[node].front()]);
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

  CsrView vectors_;
  std::span<const LabelId> label_of_;
  const KMeansOptions& options_;
  Parallel& parallel_;
  Phase& phase_;
  Divider together_;
  std::deque<Parallel> alone_;  // one for each worker; not movable
  std::deque<Divider> workers_;
};

std::vector<std::uint32_t> numbers_to(std::size_t count) {
  std::vector<std::uint32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0U);
  return numbers;
}

std::uint64_t labels_in(const LevelNodes& nodes) {
  std::uint64_t labels = 0;
  for (const Members& node : nodes)
    labels += node.size();
  return labels;
}

}  // namespace

std::size_t largest_node(const TreeShape& shape, const KMeansTreeOptions& options, std::size_t level) {
  constexpr std::uint64_t kLargest = 4;  // maximum size of a node above the clusters, in mean sizes
  const bool are_clusters = level + 1 == shape.levels().size();
  return are_clusters ? options.max_leaf : kLargest * shape.labels() / shape.levels()[level];
}

DividedNodes undivided(const TreeShape& shape) {
  return {.offsets = {}, .nodes = LevelNodes(1, numbers_to(shape.labels()))};
}

DividedNodes divide_nodes(CsrView vectors, const TreeShape& shape, const KMeansTreeOptions& options, LevelNodes nodes,
                          std::size_t first, std::size_t last, Parallel& parallel) {
  if (vectors.rows != shape.labels())
    throw DataError(fmt::format("{} label vectors, but {} labels", vectors.rows, shape.labels()));
  if (first == last) return {.offsets = {}, .nodes = std::move(nodes)};
  Phase phase(parallel.observer(), "cluster", labels_in(nodes) * (last - first), "labels");
  const Members all = numbers_to(shape.labels());
  const CsrMatrix own = Compactor().copy(vectors, all);
  return LevelDivider(own, all, options.kmeans, parallel, phase).divide(std::move(nodes), shape, options, first, last);
}

Subtrees subtrees_of(const LevelNodes& nodes, const MakeVectors& make, const TreeShape& shape,
                     const KMeansTreeOptions& options, std::size_t first, Parallel& parallel) {
  const std::size_t last = shape.levels().size();
  if (first == last) return with_labels({.offsets = {}, .nodes = nodes});
  Phase phase(parallel.observer(), "cluster", labels_in(nodes) * (last - first), "labels");
  Subtrees all{.offsets = std::vector<std::vector<std::uint32_t>>(last - first + 1, {0}), .labels = {}};
  Compactor compactor;
  for (const Members& labels : nodes) {
    const CsrMatrix vectors = compactor.compact(make(labels));
    LevelDivider divider(vectors, labels, options.kmeans, parallel, phase);
    Subtrees below = with_labels(divider.divide(LevelNodes(1, numbers_to(labels.size())), shape, options, first, last));
    for (LabelId& label : below.labels)
      label = labels[label];
    all.append(below);
  }
  return all;
}

void Subtrees::append(const Subtrees& next) {
  for (std::size_t level = 0; level < offsets.size(); ++level) {
    const std::uint32_t before = offsets[level].back();
    std::transform(next.offsets[level].begin() + 1, next.offsets[level].end(), std::back_inserter(offsets[level]),
                   [&](std::uint32_t end) { return before + end; });
  }
  labels.insert(labels.end(), next.labels.begin(), next.labels.end());
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

LabelTree kmeans_tree_below(DividedNodes top, LabelId labels, const MakeVectors& make, const KMeansTreeOptions& options,
                            Parallel& parallel) {
  const TreeShape shape = TreeShape::wide_root(labels, options.branching, options.max_leaf);
  Subtrees below = subtrees_of(top.nodes, make, shape, options, top.offsets.size(), parallel);
  std::ranges::move(below.offsets, std::back_inserter(top.offsets));
  return {std::move(top.offsets), std::move(below.labels)};
}

LabelTree kmeans_tree(CsrView vectors, const KMeansTreeOptions& options, Parallel& parallel) {
  const TreeShape shape = TreeShape::wide_root(vectors.rows, options.branching, options.max_leaf);
  Subtrees tree =
      with_labels(divide_nodes(vectors, shape, options, undivided(shape).nodes, 0, shape.levels().size(), parallel));
  return {std::move(tree.offsets), std::move(tree.labels)};
}

}  // namespace xmr
