#include "xmr/index/centroid_lanes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "xmr/util/targets.hpp"

#define HWY_TARGET_INCLUDE "xmr/index/centroid_lanes.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace xmr::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// The lanes are 1, 2, 4, ... registers of the target, the parts.
using Tag = hn::CappedTag<float, kCentroidLanes>;
using Vec = hn::Vec<Tag>;
constexpr std::size_t kWidth = hn::MaxLanes(Tag());
constexpr std::size_t kParts = kCentroidLanes / kWidth;

constexpr std::size_t kAhead = 16;  // entries whose lines are prefetched; they may be of the next row

struct Lanes {
  Vec part[kParts];
};

HWY_INLINE void clear(Lanes& lanes) {
  for (std::size_t p = 0; p < kParts; ++p)
    lanes.part[p] = hn::Zero(Tag());
}

HWY_INLINE void add(Lanes& to, float value, const CentroidLanes& line) {
  const Vec factor = hn::Set(Tag(), value);
  for (std::size_t p = 0; p < kParts; ++p)
    to.part[p] = hn::Add(to.part[p], hn::Mul(factor, hn::LoadU(Tag(), line.data() + p * kWidth)));
}

// Adds the entries begin..end-1. Lines are prefetched up to the entry `readable`.
HWY_INLINE void add_entries(const CsrView& rows, std::size_t begin, std::size_t end, std::size_t readable,
                            std::span<const CentroidLanes> sums, Lanes& to) {
  for (std::size_t i = begin; i < end; ++i) {
    if (i + kAhead < readable) __builtin_prefetch(&sums[rows.indices[i + kAhead]]);
    add(to, rows.values[i], sums[rows.indices[i]]);
  }
}

HWY_INLINE void take_better(const Lanes& sums, const CentroidGroup& group, float& best_score, std::uint32_t& best) {
  const Vec lowest = hn::Set(Tag(), -std::numeric_limits<float>::infinity());
  Vec scores[kParts], largest = lowest;
  for (std::size_t p = 0; p < kParts; ++p) {
    const Vec score = hn::Mul(sums.part[p], hn::LoadU(Tag(), group.scales.data() + p * kWidth));
    const std::size_t count = group.count - std::min(group.count, p * kWidth);
    const auto is_valid = hn::And(hn::FirstN(Tag(), std::min(count, kWidth)), hn::Eq(score, score));
    scores[p] = hn::IfThenElse(is_valid, score, lowest);
    largest = hn::Max(largest, scores[p]);
  }
  const Vec of_all = hn::MaxOfLanes(Tag(), largest);
  if (!(hn::GetLane(of_all) > best_score)) return;
  best_score = hn::GetLane(of_all);
  for (std::size_t p = 0; p < kParts; ++p) {
    const std::intptr_t lane = hn::FindFirstTrue(Tag(), hn::Eq(scores[p], of_all));
    if (lane < 0) continue;
    best = static_cast<std::uint32_t>(group.first + p * kWidth + static_cast<std::size_t>(lane));
    return;
  }
}

CentroidLanes products_of(SparseRow row, std::span<const CentroidLanes> sums) {
  Lanes lanes;
  clear(lanes);
  for (std::size_t i = 0; i < row.size(); ++i)
    add(lanes, row.values[i], sums[row.indices[i]]);
  CentroidLanes result;
  for (std::size_t p = 0; p < kParts; ++p)
    hn::StoreU(lanes.part[p], Tag(), result.data() + p * kWidth);
  return result;
}

// Two rows at a time hide the latency of the additions.
void find_better_of(const CsrView& rows, std::size_t begin, std::size_t end, const CentroidGroup& group,
                    float* best_scores, std::uint32_t* best) {
  const std::size_t readable = rows.indptr[end];
  for (std::size_t r = begin; r < end; r += 2) {
    const std::size_t second = std::min(r + 1, end - 1);
    std::size_t i = rows.indptr[r], j = rows.indptr[second];
    const std::size_t i_end = rows.indptr[r + 1], j_end = rows.indptr[second + 1];
    const std::size_t both = second == r ? 0 : std::min(i_end - i, j_end - j);
    Lanes first_sums, second_sums;
    clear(first_sums);
    clear(second_sums);
    for (std::size_t n = 0; n < both; ++n, ++i, ++j) {
      if (i + kAhead < readable) __builtin_prefetch(&group.sums[rows.indices[i + kAhead]]);
      if (j + kAhead < readable) __builtin_prefetch(&group.sums[rows.indices[j + kAhead]]);
      add(first_sums, rows.values[i], group.sums[rows.indices[i]]);
      add(second_sums, rows.values[j], group.sums[rows.indices[j]]);
    }
    add_entries(rows, i, i_end, readable, group.sums, first_sums);
    take_better(first_sums, group, best_scores[r], best[r]);
    if (second == r) return;
    add_entries(rows, j, j_end, readable, group.sums, second_sums);
    take_better(second_sums, group, best_scores[second], best[second]);
  }
}

}  // namespace
}  // namespace xmr::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace xmr {

CentroidLanes products(SparseRow row, std::span<const CentroidLanes> sums) {
  return XMR_BEST_TARGET(products_of)(row, sums);
}

void find_better(CsrView rows, std::size_t begin, std::size_t end, const CentroidGroup& group,
                 std::span<float> best_scores, std::span<std::uint32_t> best) {
  if (begin < end) XMR_BEST_TARGET(find_better_of)(rows, begin, end, group, best_scores.data(), best.data());
}

CentroidLanes inverse_lengths(std::span<const CentroidLanes> sums, Parallel& parallel) {
  constexpr std::size_t kBlock = 16384;  // columns of a parallel step
  std::vector<std::array<double, kCentroidLanes>> squares_of_block((sums.size() + kBlock - 1) / kBlock);
  parallel.for_blocks(sums.size(), kBlock, [&](std::size_t begin, std::size_t end, unsigned) {
    std::array<double, kCentroidLanes> squares{};
    for (std::size_t column = begin; column < end; ++column)
      for (std::size_t lane = 0; lane < kCentroidLanes; ++lane)
        squares[lane] += double{sums[column][lane]} * double{sums[column][lane]};
    squares_of_block[begin / kBlock] = squares;
  });
  CentroidLanes lengths{};
  for (std::size_t lane = 0; lane < kCentroidLanes; ++lane) {
    double squares = 0;
    for (const auto& of_block : squares_of_block)
      squares += of_block[lane];
    if (squares > 0) lengths[lane] = static_cast<float>(1 / std::sqrt(squares));
  }
  return lengths;
}

}  // namespace xmr
#endif
