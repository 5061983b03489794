#include "xmr/index/balanced_kmeans.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <numeric>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "xmr/index/compactor.hpp"
#include "xmr/index/two_means.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

namespace xmr {

namespace {

// The clusters begin..end-1 of the shape.
struct Range {
  NodeId begin, end;
};

LabelId labels_in(const TreeShape& shape, Range range) {
  return shape.first_label(range.end) - shape.first_label(range.begin);
}

Random random_of(Range range, std::uint64_t seed) {
  return Random(seed, std::uint64_t{range.begin} << 32 | range.end);
}

// Splits a range into single clusters on one thread. Thread rule: one range at a time per object.
class RangeSplitter {
 public:
  RangeSplitter(const TreeShape& shape, const KMeansOptions& options) : shape_(shape), options_(options) {}

  // Row rows[i] of `vectors` belongs to labels[i]. Sorts `labels`.
  void split(Range range, CsrView vectors, std::span<const std::uint32_t> rows, std::span<LabelId> labels) {
    if (range.end - range.begin < 2) return;
    const CsrMatrix own = compactor_.copy(vectors, rows);
    std::vector<std::uint32_t> members(labels.size());
    std::iota(members.begin(), members.end(), 0U);
    const NodeId middle = shape_.split(range.begin, range.end);
    const std::size_t cut = labels_in(shape_, {range.begin, middle});
    two_means_.split(own, members, cut, random_of(range, options_.seed), options_.rounds);

    const std::vector<LabelId> before(labels.begin(), labels.end());
    for (std::size_t i = 0; i < members.size(); ++i)
      labels[i] = before[members[i]];
    const std::span<const std::uint32_t> own_rows(members);
    split({range.begin, middle}, own, own_rows.first(cut), labels.first(cut));
    split({middle, range.end}, own, own_rows.subspan(cut), labels.subspan(cut));
  }

 private:
  const TreeShape& shape_;
  const KMeansOptions& options_;
  Compactor compactor_;
  Parallel alone_{1};
  TwoMeans two_means_{alone_};
};

// Splits ranges of more than `alone` labels with all threads. Returns the remaining ranges.
std::vector<Range> split_large_ranges(CsrView vectors, const TreeShape& shape, const KMeansOptions& options,
                                      std::size_t alone, std::span<LabelId> order, Parallel& parallel) {
  std::vector<Range> open{{0, shape.clusters()}}, left;
  TwoMeans two_means(parallel);
  while (!open.empty()) {
    const Range range = open.back();
    open.pop_back();
    const std::size_t size = labels_in(shape, range);
    if (range.end - range.begin < 2 || size <= alone) {
      left.push_back(range);
      continue;
    }
    const NodeId middle = shape.split(range.begin, range.end);
    two_means.split(vectors, order.subspan(shape.first_label(range.begin), size),
                    labels_in(shape, {range.begin, middle}), random_of(range, options.seed), options.rounds);
    open.push_back({range.begin, middle});
    open.push_back({middle, range.end});
  }
  return left;
}

}  // namespace

std::vector<LabelId> balanced_kmeans(CsrView vectors, const TreeShape& shape, const KMeansOptions& options,
                                     Parallel& parallel) {
  if (vectors.rows != shape.labels()) {
    throw DataError(fmt::format("{} label vectors, but {} labels", vectors.rows, shape.labels()));
  }
  Phase phase(parallel.observer(), "cluster", shape.labels(), "labels");
  std::vector<LabelId> order(shape.labels());
  std::iota(order.begin(), order.end(), LabelId{0});
  const CsrMatrix own = Compactor().copy(vectors, order);
  std::vector<Range> ranges = split_large_ranges(own, shape, options, order.size() / 16, order, parallel);

  std::ranges::stable_sort(ranges, std::greater<>(), [&](Range range) { return labels_in(shape, range); });
  std::deque<RangeSplitter> workers;  // not movable
  for (unsigned worker = 0; worker < parallel.threads(); ++worker)
    workers.emplace_back(shape, options);
  parallel.for_each(ranges.size(), [&](std::size_t i, unsigned worker) {
    const auto labels = std::span(order).subspan(shape.first_label(ranges[i].begin), labels_in(shape, ranges[i]));
    const std::vector<std::uint32_t> rows(labels.begin(), labels.end());
    workers[worker].split(ranges[i], own, rows, labels);
    phase.advance(labels.size());
  });
  return order;
}

}  // namespace xmr
