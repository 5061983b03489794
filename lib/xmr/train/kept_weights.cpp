#include "xmr/train/kept_weights.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "xmr/model/chunk_builder.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/targets.hpp"

#define HWY_TARGET_INCLUDE "xmr/train/kept_weights.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "xmr/train/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace xmr::HWY_NAMESPACE {
namespace {

// Returns a mask: bit k is set if scale·lanes[k] is kept.
HWY_INLINE std::uint32_t reaching(const float* lanes, float scale, const KeepOptions& keep) {
  std::uint32_t bits = 0;
  for (std::size_t p = 0; p < kParts; ++p) {
    const auto weights = hn::Mul(load(lanes, p), all(scale));
    bits |= bits_of(hn::Or(hn::Ge(weights, all(keep.threshold)), hn::Le(weights, all(-keep.threshold_negative))), p);
  }
  return bits;
}

// Appends the weights of one feature that are kept.
HWY_INLINE void pick(FeatureId feature, const float* lanes, float scale, const KeepOptions& keep,
                     std::span<const std::uint32_t> children, std::vector<KeptWeights::Weight>& picked) {
  const std::uint32_t wanted = (std::uint32_t{1} << children.size()) - 1;
  for (std::uint32_t bits = wanted & reaching(lanes, scale, keep); bits != 0; bits &= bits - 1) {
    const auto lane = static_cast<std::size_t>(std::countr_zero(bits));
    picked.push_back({feature, children[lane], scale * lanes[lane]});
  }
}

void pick_lines(const float* lines, std::size_t count, const KeepOptions& keep, std::span<const std::uint32_t> children,
                std::vector<KeptWeights::Weight>& picked) {
  const std::uint32_t wanted = (std::uint32_t{1} << children.size()) - 1;
  std::size_t kept = picked.size();  // counted first: a vector that grows takes three times the memory
  for (std::size_t line = 0; line < count; ++line)
    kept += static_cast<std::size_t>(std::popcount(wanted & reaching(lines + line * kLanes, 1, keep)));
  picked.reserve(kept);
  for (std::size_t line = 0; line < count; ++line)
    pick(static_cast<FeatureId>(line), lines + line * kLanes, 1, keep, children, picked);
}

void pick_places(std::span<const FeaturePlace> places, const float* lines, const float* duals,
                 std::span<const float> largest_dual, const KeepOptions& keep, std::span<const std::uint32_t> children,
                 std::vector<KeptWeights::Weight>& picked) {
  const float least = std::min(keep.threshold, keep.threshold_negative);
  for (const FeaturePlace& place : places) {
    const std::size_t at = std::size_t{place.line_or_row} * kLanes;
    if (place.lone_value == 0)
      pick(place.feature, lines + at, 1, keep, children, picked);
    else if (largest_dual[place.line_or_row] * std::fabs(place.lone_value) >= least)
      pick(place.feature, duals + at, place.lone_value, keep, children, picked);
  }
}

}  // namespace
}  // namespace xmr::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace xmr {

namespace {

void check_finite(float value) {
  if (!std::isfinite(value))
    throw DataError("weights", "they overflow: a feature value or a cost is too large", "normalise the rows");
}

}  // namespace

void KeptWeights::add(const LaneSolver& solver, const ParentRows& rows, std::span<const std::uint32_t> children,
                      float bias_value, const KeepOptions& options) {
  KeepOptions keep = options;
  for (float* threshold : {&keep.threshold, &keep.threshold_negative})  // zeros are dropped
    *threshold = std::max(*threshold, std::numeric_limits<float>::denorm_min());
  const std::span<const float> lines = solver.lines(), duals = solver.duals();
  if (rows.is_in_place()) {
    XMR_BEST_TARGET(pick_lines)(lines.data(), lines.size() / kLanes, keep, children, weights_);
  } else {
    std::vector<float> largest_dual(duals.size() / kLanes, 0.0F);
    for (std::size_t i = 0; i < duals.size(); ++i)
      largest_dual[i / kLanes] = std::max(largest_dual[i / kLanes], std::fabs(duals[i]));
    XMR_BEST_TARGET(pick_places)
    (rows.places(), lines.data(), duals.data(), largest_dual, keep, children, weights_);
  }
  for (const Weight& weight : weights_)
    check_finite(weight.value);
  for (std::size_t lane = 0; lane < children.size(); ++lane) {
    biases_.push_back({children[lane], bias_value * solver.bias()[lane]});
    check_finite(biases_.back().value);
  }
  if (options.top_weights > 0) keep_largest(children, options.top_weights);
}

void KeptWeights::keep_largest(std::span<const std::uint32_t> children, std::uint32_t count) {
  std::vector<Weight*> of_child;
  for (const std::uint32_t child : children) {
    of_child.clear();
    for (Weight& weight : weights_)
      if (weight.child == child) of_child.push_back(&weight);
    if (of_child.size() <= count) continue;
    const auto larger = [](const Weight* a, const Weight* b) {
      const float size_a = std::fabs(a->value), size_b = std::fabs(b->value);
      return size_a > size_b || (size_a == size_b && a->feature < b->feature);
    };
    std::nth_element(of_child.begin(), of_child.begin() + count, of_child.end(), larger);
    for (auto dropped = of_child.begin() + count; dropped != of_child.end(); ++dropped)
      (*dropped)->value = 0;
  }
  std::erase_if(weights_, [](const Weight& weight) { return weight.value == 0; });
}

// Each group is sorted: merges the runs two by two.
std::vector<KeptWeights::Weight> KeptWeights::merged(std::span<KeptWeights> groups) {
  const auto has_weights = [](const KeptWeights& group) { return !group.weights_.empty(); };
  if (std::ranges::count_if(groups, has_weights) == 1)
    return std::move(std::ranges::find_if(groups, has_weights)->weights_);
  std::vector<Weight> all;
  std::vector<std::ptrdiff_t> ends{0};
  std::size_t total = 0;
  for (const KeptWeights& group : groups)
    total += group.weights_.size();
  all.reserve(total);
  for (KeptWeights& group : groups) {
    all.insert(all.end(), group.weights_.begin(), group.weights_.end());
    ends.push_back(static_cast<std::ptrdiff_t>(all.size()));
    group.weights_ = {};
  }
  const auto before = [](const Weight& a, const Weight& b) {
    return a.feature < b.feature || (a.feature == b.feature && a.child < b.child);
  };
  for (std::size_t width = 1; width + 1 < ends.size(); width *= 2)
    for (std::size_t run = 0; run + width + 1 < ends.size(); run += 2 * width)
      std::inplace_merge(all.begin() + ends[run], all.begin() + ends[run + width],
                         all.begin() + ends[std::min(run + 2 * width, ends.size() - 1)], before);
  return all;
}

std::string KeptWeights::chunk(std::span<KeptWeights> groups, std::uint32_t children, std::uint64_t features,
                               WeightType type) {
  ChunkBuilder builder(children, features, type);
  for (const KeptWeights& group : groups)
    for (const Bias& bias : group.biases_)
      builder.set_bias(bias.child, bias.value);
  std::vector<Weight> weights = merged(groups);
  builder.reserve(weights.size());
  std::vector<ChildWeight> row;
  for (std::size_t i = 0; i < weights.size();) {
    row.clear();
    const FeatureId feature = weights[i].feature;
    for (; i < weights.size() && weights[i].feature == feature; ++i)
      row.push_back({weights[i].child, weights[i].value});
    builder.add(feature, row);
  }
  weights = {};
  std::string bytes;
  builder.finish(bytes);
  return bytes;
}

}  // namespace xmr
#endif
