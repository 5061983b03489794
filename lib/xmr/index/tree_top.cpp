#include "xmr/index/tree_top.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "xmr/index/centroids.hpp"
#include "xmr/index/compactor.hpp"
#include "xmr/index/two_means.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

namespace xmr {
namespace {

using Members = std::vector<LabelId>;  // labels of a node, increasing

constexpr std::size_t kSampleBlock = 512;  // rows of a parallel step

// Returns `count` members in increasing order, each choice equally likely (Knuth, TAOCP 2, 3.4.2, algorithm S).
Members draw(std::span<const LabelId> members, std::size_t count, Random& random) {
  Members drawn;
  drawn.reserve(count);
  for (std::size_t i = 0; drawn.size() < count; ++i)
    if (random.below(members.size() - i) < count - drawn.size()) drawn.push_back(members[i]);
  return drawn;
}

// Returns the increasing positions of each of the numbers 0..k-1, without numbers that do not occur.
LevelNodes positions_of(std::span<const std::uint32_t> numbers, std::uint32_t k) {
  LevelNodes positions(k);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    positions[numbers[i]].push_back(static_cast<std::uint32_t>(i));
  std::erase_if(positions, [](const auto& of_number) { return of_number.empty(); });
  return positions;
}

std::vector<std::uint32_t> all_rows(std::size_t count) {
  std::vector<std::uint32_t> rows(count);
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

// Returns the rows begin..end-1. They begin at the entry indptr[0] of the arrays.
CsrView rows_of(CsrView vectors, std::size_t begin, std::size_t end) {
  return {end - begin, vectors.cols, vectors.indptr.subspan(begin, end - begin + 1), vectors.indices, vectors.values};
}

CsrMatrix compact(CsrView vectors) {
  return Compactor().copy(vectors, all_rows(vectors.rows));
}

// Divides nodes with more labels than vectors fit into memory.
class SampledDivision {
 public:
  SampledDivision(const LabelEmbedding& embedding, std::span<const float> mean, std::size_t sample,
                  const KMeansOptions& options, Parallel& parallel)
      : embedding_(embedding),
        mean_(mean),
        sample_(sample),
        rounds_(options.rounds),
        random_(options.seed),
        parallel_(parallel) {}

  // Divides all labels into about k clusters. Sets `entries` to the number of entries of each label's vector.
  LevelNodes divide(const Members& all, std::uint32_t k, std::vector<std::uint32_t>& entries) {
    const Centroids centroids = find_centroids(all, k);
    std::vector<std::uint32_t> nearest(all.size());
    entries.resize(all.size());
    embedding_.vectors_of(all, mean_, [&](std::size_t first, const CsrMatrix& block) {
      std::ranges::copy(entries_of(block), entries.begin() + static_cast<std::ptrdiff_t>(first));
      std::ranges::copy(centroids.nearest(block), nearest.begin() + static_cast<std::ptrdiff_t>(first));
    });
    return positions_of(nearest, k);
  }

  // Appends halves, recursively, until none has more than `most` labels.
  void halve(Members members, std::size_t most, LevelNodes& parts) {
    if (members.size() <= most) {
      parts.push_back(std::move(members));
    } else if (members.size() > sample_) {
      auto [left, right] = cut(members);
      halve(std::move(left), most, parts);
      halve(std::move(right), most, parts);
    } else {
      const CsrMatrix vectors = compact(embedding_.vectors_of(members, mean_));
      LevelNodes halves =
          TwoMeans(parallel_).halve(vectors, all_rows(members.size()), most, random_.next(), 0, rounds_);
      for (Members& half : halves) {
        for (std::uint32_t& row : half)
          row = members[row];
        parts.push_back(std::move(half));
      }
    }
  }

 private:
  Centroids find_centroids(const Members& all, std::uint32_t k) {
    CsrMatrix vectors = embedding_.vectors_of(draw(all, k, random_), mean_);
    LevelNodes clusters = positions_of(all_rows(k), k);
    for (unsigned round = 0; round < rounds_; ++round) {
      const Centroids centroids(vectors, clusters, parallel_);
      vectors = CsrMatrix();  // frees the sample: two samples would take twice the memory
      vectors = embedding_.vectors_of(draw(all, sample_, random_), mean_);
      std::vector<std::uint32_t> nearest(sample_);
      parallel_.for_blocks(sample_, kSampleBlock, [&](std::size_t begin, std::size_t end, unsigned) {
        std::ranges::copy(centroids.nearest(rows_of(vectors, begin, end)),
                          nearest.begin() + static_cast<std::ptrdiff_t>(begin));
      });
      clusters = positions_of(nearest, k);
    }
    return {vectors, clusters, parallel_};
  }

  // Cuts in the middle.
  std::pair<Members, Members> cut(const Members& members) {
    const CsrMatrix vectors = embedding_.vectors_of(draw(members, sample_, random_), mean_);
    std::vector<std::uint32_t> rows = all_rows(sample_);
    TwoMeans(parallel_).split(compact(vectors), rows, sample_ / 2, Random(random_.next()), rounds_);
    const auto middle_row = rows.begin() + static_cast<std::ptrdiff_t>(sample_ / 2);
    const Centroids sides(vectors,
                          std::vector<std::vector<std::uint32_t>>{{rows.begin(), middle_row}, {middle_row, rows.end()}},
                          parallel_);
    // Vectors have at most length 2, so scores are finite.
    std::vector<std::pair<float, LabelId>> scores(members.size());
    embedding_.vectors_of(members, mean_, [&](std::size_t first, const CsrMatrix& block) {
      std::size_t at = first;
      for (const CentroidLanes& of_sides : sides.scores(0, block)) {
        scores[at] = {of_sides[1] - of_sides[0], members[at]};
        ++at;
      }
    });
    const auto middle = scores.begin() + static_cast<std::ptrdiff_t>(scores.size() / 2);
    std::nth_element(scores.begin(), middle, scores.end());
    const auto labels = [](auto begin, auto end) {
      Members side;
      std::transform(begin, end, std::back_inserter(side), [](const auto& score) { return score.second; });
      std::ranges::sort(side);
      return side;
    };
    return {labels(scores.begin(), middle), labels(middle, scores.end())};
  }

  const LabelEmbedding& embedding_;
  std::span<const float> mean_;
  std::size_t sample_;
  unsigned rounds_;
  Random random_;
  Parallel& parallel_;
};

TreeTop top_of_all(const LabelEmbedding& embedding, std::span<const float> mean, const TreeShape& shape,
                   const KMeansTreeOptions& options, Parallel& parallel) {
  const CsrMatrix vectors = embedding.vectors(mean);
  const std::size_t levels = std::min<std::size_t>(shape.levels().size(), 1);
  return {divide_nodes(vectors, shape, options, undivided(shape).nodes, 0, levels, parallel), entries_of(vectors)};
}

}  // namespace

std::vector<std::uint32_t> entries_of(CsrView vectors) {
  std::vector<std::uint32_t> entries;
  entries.reserve(vectors.rows);
  for (Row row = 0; row < vectors.rows; ++row)
    entries.push_back(static_cast<std::uint32_t>(vectors.row(row).size()));
  return entries;
}

TreeTop tree_top(const LabelEmbedding& embedding, std::span<const float> mean, const KMeansTreeOptions& options,
                 LabelId sample, Parallel& parallel) {
  const TreeShape shape = TreeShape::wide_root(embedding.labels(), options.branching, options.max_leaf);
  if (sample == 0 || sample >= shape.labels() || shape.levels().empty())
    return top_of_all(embedding, mean, shape, options, parallel);
  const NodeId children = shape.levels().front();
  if (sample < children)
    throw ConfigError(fmt::format("sample: {} labels are fewer than the {} children of the root", sample, children));
  SampledDivision division(embedding, mean, sample, options.kmeans, parallel);
  TreeTop top;
  const LevelNodes clusters = division.divide(undivided(shape).nodes.front(), children, top.entries);
  for (const Members& cluster : clusters)
    division.halve(cluster, largest_node(shape, options, 0), top.divided.nodes);
  top.divided.offsets = {{0, static_cast<std::uint32_t>(top.divided.nodes.size())}};
  return top;
}

}  // namespace xmr
