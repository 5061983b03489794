#include "xmr/boost/boosted_trees.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "xmr/util/error.hpp"
#include "xmr/util/targets.hpp"

#define HWY_TARGET_INCLUDE "xmr/boost/boosted_trees.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace xmr::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// The number of the lowest bit that is set: the exponent of that bit as a float.
template <class D32>
HWY_INLINE hn::Vec<hn::RebindToSigned<D32>> lowest_bit(D32 d, hn::Vec<D32> mask) {
  const hn::RebindToSigned<D32> di;
  const hn::RebindToFloat<D32> df;
  const auto lowest = hn::And(mask, hn::Sub(hn::Zero(d), mask));
  const auto bits = hn::BitCast(d, hn::ConvertTo(df, hn::BitCast(di, lowest)));
  return hn::Sub(hn::BitCast(di, hn::And(hn::ShiftRight<23>(bits), hn::Set(d, 255))), hn::Set(di, 127));
}

// Some vectors of candidates, from `at` of the tile on.
template <std::size_t kVectors>
HWY_INLINE void add_vectors(const BoostedTrees& trees, std::size_t first, std::size_t last, const float* at,
                            float* sums) {
  const hn::CappedTag<float, 16> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  constexpr std::size_t kWidth = hn::MaxLanes(d);
  hn::Vec<decltype(d)> sum[kVectors];
  for (std::size_t v = 0; v < kVectors; ++v)
    sum[v] = hn::LoadU(d, sums + v * kWidth);
  for (std::size_t tree = first; tree < last; ++tree) {
    hn::Vec<decltype(du)> left[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v)
      left[v] = hn::Set(du, ~std::uint32_t{0});
    for (const TreeSplit& split : trees.splits(tree)) {
      const float* const numbers = at + split.column * kTileCandidates;
      const auto threshold = hn::Set(d, split.threshold);
      const auto kept = hn::Set(du, split.kept);
      for (std::size_t v = 0; v < kVectors; ++v) {
        const auto above = hn::RebindMask(du, hn::Gt(hn::LoadU(d, numbers + v * kWidth), threshold));
        left[v] = hn::IfThenElse(above, hn::And(left[v], kept), left[v]);
      }
    }
    const float* const values = trees.values(tree).data();
    for (std::size_t v = 0; v < kVectors; ++v)
      sum[v] = hn::Add(sum[v], hn::GatherIndex(d, values, lowest_bit(du, left[v])));
  }
  for (std::size_t v = 0; v < kVectors; ++v)
    hn::StoreU(sum[v], d, sums + v * kWidth);
}

void add_trees(const BoostedTrees& trees, std::size_t first, std::size_t last, const float* tile, std::size_t count,
               float* sums) {
  constexpr std::size_t kWidth = hn::MaxLanes(hn::CappedTag<float, 16>());
  static_assert(kTileCandidates % (4 * kWidth) == 0);
  std::size_t at = 0;
  while (at < count) {
    const std::size_t vectors = (count - at + kWidth - 1) / kWidth;
    if (vectors >= 4) {
      add_vectors<4>(trees, first, last, tile + at, sums + at);
      at += 4 * kWidth;
    } else if (vectors >= 2) {
      add_vectors<2>(trees, first, last, tile + at, sums + at);
      at += 2 * kWidth;
    } else {
      add_vectors<1>(trees, first, last, tile + at, sums + at);
      at += kWidth;
    }
  }
}

}  // namespace
}  // namespace xmr::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace xmr {
namespace {

// Writes the leaves' values from left to right and the splits' masks; returns the leaves of the subtree as bits.
class Layout {
 public:
  Layout(const GrownDecisionTree& tree, std::span<TreeSplit> splits, std::span<float> values)
      : tree_(tree), splits_(splits), values_(values) {
    visit(tree.splits.empty() ? ~0 : 0);
  }

 private:
  std::uint32_t visit(std::int32_t node) {
    if (node < 0) {
      values_[next_] = static_cast<float>(tree_.values[~node]);
      return std::uint32_t{1} << next_++;
    }
    const std::uint32_t left = visit(tree_.splits[node].left);
    splits_[node].kept = ~left;
    return left | visit(tree_.splits[node].right);
  }

  const GrownDecisionTree& tree_;
  std::span<TreeSplit> splits_;
  std::span<float> values_;
  std::uint32_t next_ = 0;
};

}  // namespace

void BoostedTrees::append(const GrownDecisionTree& tree, const ColumnBins& bins) {
  const std::size_t first = splits_.size(), first_value = values_.size();
  for (const GrownSplit& split : tree.splits) {
    splits_.push_back({split.column, bins.cuts(split.column)[split.cut], 0});
    columns_ = std::max<std::size_t>(columns_, split.column + std::size_t{1});
  }
  values_.resize(first_value + kMaxLeaves);
  Layout(tree, std::span(splits_).subspan(first), std::span(values_).subspan(first_value));
  offsets_.push_back(static_cast<std::uint32_t>(splits_.size()));
}

void BoostedTrees::keep(std::size_t trees) {
  offsets_.resize(trees + 1);
  splits_.resize(offsets_.back());
  values_.resize(trees * kMaxLeaves);
  columns_ = 0;
  for (const TreeSplit& split : splits_)
    columns_ = std::max<std::size_t>(columns_, split.column + std::size_t{1});
}

void BoostedTrees::add_to(std::span<float, kTileCandidates> sums, std::size_t count, std::span<const float> tile,
                          std::size_t first, std::size_t last) const {
  XMR_BEST_TARGET(add_trees)(*this, first, last, tile.data(), count, sums.data());
}

void BoostedTrees::write(NpzWriter& out, const std::string& prefix) const {
  std::vector<std::uint32_t> columns, kept;
  std::vector<float> thresholds;
  for (const TreeSplit& split : splits_) {
    columns.push_back(split.column);
    thresholds.push_back(split.threshold);
    kept.push_back(split.kept);
  }
  out.add(prefix + "offsets", offsets_);
  out.add(prefix + "columns", columns);
  out.add(prefix + "thresholds", thresholds);
  out.add(prefix + "kept", kept);
  out.add(prefix + "values", values_);
}

BoostedTrees BoostedTrees::read(const NpzFile& file, const std::string& prefix, std::size_t columns) {
  const auto fail = [&](const char* member, const std::string& fault) {
    throw FormatError(file.name(), fmt::format("{}{}: {}", prefix, member, fault));
  };
  const auto offsets = file.array<std::uint32_t>(prefix + "offsets");
  const auto of_splits = file.array<std::uint32_t>(prefix + "columns");
  const auto thresholds = file.array<float>(prefix + "thresholds");
  const auto kept = file.array<std::uint32_t>(prefix + "kept");
  const auto values = file.array<float>(prefix + "values");
  if (offsets.empty() || offsets.front() != 0 || offsets.back() != of_splits.size() || !std::ranges::is_sorted(offsets))
    fail("offsets", fmt::format("do not cover the {} splits in order", of_splits.size()));
  const auto require = [&](const char* member, std::size_t size, std::size_t needed) {
    if (size != needed) fail(member, fmt::format("{} entries, {} are needed", size, needed));
  };
  require("thresholds", thresholds.size(), of_splits.size());
  require("kept", kept.size(), of_splits.size());
  require("values", values.size(), (offsets.size() - 1) * kMaxLeaves);
  for (const float value : values)
    if (!std::isfinite(value)) fail("values", fmt::format("{} is not finite", value));

  BoostedTrees trees;
  trees.offsets_.assign(offsets.begin(), offsets.end());
  trees.values_.assign(values.begin(), values.end());
  trees.splits_.reserve(of_splits.size());
  for (std::size_t tree = 0; tree + 1 < offsets.size(); ++tree) {
    const std::size_t splits = offsets[tree + 1] - offsets[tree];
    if (splits >= kMaxLeaves)
      fail("offsets", fmt::format("tree {} has {} splits, at most {} are allowed", tree, splits, kMaxLeaves - 1));
    for (std::size_t i = offsets[tree]; i < offsets[tree + 1]; ++i) {
      if (of_splits[i] >= columns) fail("columns", fmt::format("{} is outside 0..{}", of_splits[i], columns - 1));
      if (!std::isfinite(thresholds[i])) fail("thresholds", fmt::format("{} is not finite", thresholds[i]));
      // The last leaf, to the right of every split, is kept by all: the lowest bit left is a leaf of the tree.
      if ((kept[i] >> splits & 1) == 0) fail("kept", fmt::format("split {} drops the last leaf", i));
      trees.splits_.push_back({of_splits[i], thresholds[i], kept[i]});
      trees.columns_ = std::max<std::size_t>(trees.columns_, of_splits[i] + std::size_t{1});
    }
  }
  return trees;
}

}  // namespace xmr
#endif
