#include "xmr/complete/popular.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {
namespace {

std::string largest_member(const std::string& prefix, std::size_t level) {
  return fmt::format("{}largest{}", prefix, level);
}

std::uint64_t nodes_above(std::uint64_t nodes) {
  return (nodes + Popular::kBranching - 1) / Popular::kBranching;
}

}  // namespace

PopularTable::PopularTable(std::vector<std::uint32_t> counts) : counts_(std::move(counts)) {
  sums_.reserve(counts_.size() + 1);
  for (const std::uint32_t count : counts_)
    sums_.push_back(sums_.back() + count);
  std::vector<LabelId> labels(counts_.size());
  std::iota(labels.begin(), labels.end(), LabelId{0});
  const auto is_less = [this](LabelId a, LabelId b) { return counts_[a] < counts_[b]; };
  for (std::span<const LabelId> below = labels; below.size() > 1; below = largest_.back()) {
    std::vector<LabelId> above;
    for (std::size_t begin = 0; begin < below.size(); begin += Popular::kBranching)
      above.push_back(*std::ranges::max_element(
          below.subspan(begin, std::min<std::size_t>(Popular::kBranching, below.size() - begin)), is_less));
    largest_.push_back(std::move(above));
  }
}

void PopularTable::write(NpzWriter& out, const std::string& prefix) const {
  out.add(prefix + "counts", counts_);
  out.add(prefix + "sums", sums_);
  for (std::size_t level = 0; level < largest_.size(); ++level)
    out.add(largest_member(prefix, level), largest_[level]);
}

Popular PopularTable::view() const {
  Popular view;
  view.counts_ = counts_;
  view.sums_ = sums_;
  view.largest_.assign(largest_.begin(), largest_.end());
  return view;
}

Popular Popular::read(const NpzFile& file, const std::string& prefix, std::uint64_t labels) {
  const auto fail = [&](const std::string& member) {
    throw FormatError(file.name(), fmt::format("member {} does not fit {} labels", member, labels));
  };
  Popular popular;
  file.check(prefix + "counts");
  file.check(prefix + "sums");
  popular.counts_ = file.array<std::uint32_t>(prefix + "counts");
  popular.sums_ = file.array<std::uint64_t>(prefix + "sums");
  if (popular.counts_.size() != labels) fail(prefix + "counts");
  if (popular.sums_.size() != labels + 1 || !std::ranges::is_sorted(popular.sums_)) fail(prefix + "sums");
  std::uint64_t width = 1;  // number of labels below a node
  for (std::uint64_t nodes = labels; nodes > 1;) {
    const std::string member = largest_member(prefix, popular.largest_.size());
    nodes = nodes_above(nodes);
    width *= kBranching;
    file.check(member);
    const auto largest = popular.largest_.emplace_back(file.array<LabelId>(member));
    if (largest.size() != nodes) fail(member);
    for (std::uint64_t node = 0; node < nodes; ++node)
      if (largest[node] / width != node || largest[node] >= labels) fail(member);
  }
  return popular;
}

// Searches the labels first..last-1 (at least one): single labels up to a multiple of 16, whole nodes, single labels.
LabelId Popular::largest(LabelId first, LabelId last) const {
  LabelId best = first;
  const auto try_labels = [&](LabelId begin, LabelId end) {
    for (LabelId label = begin; label < end; ++label)
      if (is_better(label, best)) best = label;
  };
  const auto try_nodes = [&](std::size_t level, std::uint64_t begin, std::uint64_t end) {
    for (std::uint64_t node = begin; node < end; ++node)
      if (is_better(largest_[level][node], best)) best = largest_[level][node];
  };
  std::uint64_t begin = nodes_above(first), end = last / kBranching;  // nodes of level 0 inside the range
  if (begin >= end) {
    try_labels(first, last);
    return best;
  }
  try_labels(first, static_cast<LabelId>(begin * kBranching));
  try_labels(static_cast<LabelId>(end * kBranching), last);
  for (std::size_t level = 0; level < largest_.size(); ++level) {
    const std::uint64_t begin_above = nodes_above(begin), end_above = end / kBranching;
    if (begin_above >= end_above || level + 1 == largest_.size()) {
      try_nodes(level, begin, end);
      break;
    }
    try_nodes(level, begin, begin_above * kBranching);
    try_nodes(level, end_above * kBranching, end);
    begin = begin_above;
    end = end_above;
  }
  return best;
}

void Popular::top(LabelRange range, std::size_t k, std::vector<Interval>& scratch, std::vector<LabelId>& best,
                  std::uint32_t least) const {
  scratch.clear();
  const auto is_worse = [&](const Interval& a, const Interval& b) { return is_better(b.largest, a.largest); };
  const auto push = [&](LabelId first, LabelId last) {
    if (first >= last) return;
    scratch.push_back({first, last, largest(first, last)});
    std::ranges::push_heap(scratch, is_worse);
  };
  push(range.first, range.last);
  for (; k > 0 && !scratch.empty(); --k) {
    std::ranges::pop_heap(scratch, is_worse);
    const Interval found = scratch.back();
    scratch.pop_back();
    if (counts_[found.largest] < least) return;
    best.push_back(found.largest);
    if (k == 1) break;
    push(found.first, found.largest);
    push(found.largest + 1, found.last);
  }
}

}  // namespace xmr
