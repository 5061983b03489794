#include "xmr/predict/kernels.hpp"

#include <algorithm>
#include <cstring>

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#define HWY_TARGET_INCLUDE "xmr/predict/kernels.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace xmr::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::uint32_t kPiece = 64;  // features of a query that a step takes at once

// A row of weights that a query has found.
struct Hit {
  const std::uint8_t* row;
  float x;  // the query's value
  std::uint32_t size;
};

// Some features of a query and what they have found in a section.
struct Piece {
  const SectionQuery* pair = nullptr;  // none: there is no piece
  std::size_t begin = 0, end = 0;      // among the query's features
  std::uint32_t found = 0;
  Hit hits[kPiece];
};

// Deals out the pairs in pieces, at least one a pair.
class Pieces {
 public:
  explicit Pieces(std::span<const SectionQuery> pairs) : next_(pairs.data()), end_(pairs.data() + pairs.size()) {}

  void take(Piece& piece) {
    piece.pair = nullptr;
    if (next_ == end_) return;
    const std::size_t size = next_->query.size();
    piece.pair = next_;
    piece.begin = begin_;
    piece.end = std::min<std::size_t>(size, begin_ + kPiece);
    begin_ = piece.end;
    if (begin_ == size) {
      begin_ = 0;
      ++next_;
    }
  }

 private:
  const SectionQuery* next_;
  const SectionQuery* const end_;
  std::size_t begin_ = 0;
};

void prefetch_blocks(const Piece& piece) {
  const std::span<const RowBlock> blocks = piece.pair->section.blocks;
  if (blocks.empty()) return;
  const FeatureId* const features = piece.pair->query.indices.data();
  const auto count = static_cast<std::uint32_t>(blocks.size());
  for (std::size_t i = piece.begin; i < piece.end; ++i)
    hwy::Prefetch(blocks.data() + home_block(features[i], count));
}

// The first slot of the block that holds the feature; some number ≥ kRows if none does.
HWY_INLINE std::uint32_t slot_of(const RowBlock& block, FeatureId feature) {
  // The line is compared whole where a vector is so long: what stands behind the features comes behind all slots.
  const hn::CappedTag<std::uint32_t, 16> d;
  constexpr std::size_t kWidth = hn::MaxLanes(d);
  const auto wanted = hn::Set(d, feature);
  for (std::size_t first = 0; first < RowBlock::kRows; first += kWidth) {
    const auto at = hn::FindFirstTrue(d, hn::Eq(hn::LoadU(d, block.features + first), wanted));
    if (at >= 0) return static_cast<std::uint32_t>(first) + static_cast<std::uint32_t>(at);
  }
  return RowBlock::kRows;
}

// The sum of the sizes of the slots before `slot`.
HWY_INLINE std::uint32_t units_before(const RowBlock& block, std::uint32_t slot) {
#if HWY_TARGET == HWY_SCALAR
  std::uint32_t sum = 0;
  for (std::uint32_t i = 0; i < slot; ++i)
    sum += block.sizes[i];
  return sum;
#else
  const hn::Full128<std::uint8_t> d;
  const auto before = hn::IfThenElseZero(hn::FirstN(d, slot), hn::LoadU(d, block.sizes));
  const auto sums = hn::SumsOf8(before);
  const hn::Full128<std::uint64_t> d64;
  return static_cast<std::uint32_t>(hn::GetLane(sums) + hn::GetLane(hn::UpperHalf(hn::Half<decltype(d64)>(), sums)));
#endif
}

void find_rows(Piece& piece) {
  const auto& [section, query, margins] = *piece.pair;
  piece.found = 0;
  if (section.blocks.empty()) return;
  const RowBlock* const blocks = section.blocks.data();
  const auto count = static_cast<std::uint32_t>(section.blocks.size());
  const std::uint8_t* const payload = section.payload;
  const std::uint64_t unit = section.unit();
  for (std::size_t i = piece.begin; i < piece.end; ++i) {
    const FeatureId feature = query.indices[i];
    const RowBlock* block = blocks + home_block(feature, count);
    std::uint32_t slot = slot_of(*block, feature);
    while (slot >= RowBlock::kRows && block->is_full()) {
      block = block + 1 == blocks + count ? blocks : block + 1;
      slot = slot_of(*block, feature);
    }
    // Whether there is a row can hardly be predicted: without one, a hit is written that the next one overwrites.
    const bool found = slot < RowBlock::kRows;
    slot = found ? slot : 0;
    const std::uint8_t* const row = payload + (block->base + units_before(*block, slot)) * unit;
    piece.hits[piece.found] = {row, query.values[i], block->sizes[slot]};
    piece.found += found ? 1 : 0;
    hwy::Prefetch(found ? row : reinterpret_cast<const std::uint8_t*>(block));
  }
}

// Values of weights as 32-bit numbers.
template <class D>
HWY_INLINE hn::Vec<D> load_values(D d, const std::uint8_t* at, float /*type*/) {
  return hn::LoadU(d, reinterpret_cast<const float*>(at));
}
template <class D>
HWY_INLINE hn::Vec<D> load_values(D d, const std::uint8_t* at, hwy::float16_t /*type*/) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<hwy::float16_t, D>(), reinterpret_cast<const hwy::float16_t*>(at)));
}

// Adds the weights [first, first + kCount) of a row; those beyond its end count as 0.
template <class Value, std::size_t kCount>
HWY_INLINE void add_some(const Hit& hit, std::uint32_t first, float* sums) {
  const hn::CappedTag<float, kCount> d;
  constexpr std::size_t kWidth = hn::MaxLanes(d);
  HWY_ALIGN float products[kCount];
  for (std::size_t i = 0; i < kCount; i += kWidth) {
    const std::size_t at = first + i, rest = hit.size > at ? hit.size - at : 0;
    const auto values = load_values(d, hit.row + at * sizeof(Value), Value());
    hn::Store(hn::Mul(hn::IfThenElseZero(hn::FirstN(d, rest), values), hn::Set(d, hit.x)), d, products + i);
  }
  const std::uint8_t* const children = hit.row + hit.size * sizeof(Value) + first;
  for (std::size_t i = 0; i < kCount; ++i)
    sums[children[i]] += products[i];
}

template <class Value>
void add_sparse(const Piece& piece, float* sums) {
  for (std::uint32_t n = 0; n < piece.found; ++n) {
    const Hit& hit = piece.hits[n];
    if (hit.size <= 4) {
      add_some<Value, 4>(hit, 0, sums);
    } else {
      for (std::uint32_t first = 0; first < hit.size; first += 8)
        add_some<Value, 8>(hit, first, sums);
    }
  }
}

// Adds the children [first, first + kVectors vectors) of all rows, with the sums in registers.
template <class Value, std::size_t kVectors>
HWY_INLINE void add_columns(const Piece& piece, std::size_t first, float* sums) {
  const hn::CappedTag<float, 16> d;
  constexpr std::size_t kWidth = hn::MaxLanes(d);
  hn::Vec<decltype(d)> sum[kVectors];
  for (std::size_t v = 0; v < kVectors; ++v)
    sum[v] = hn::Load(d, sums + first + v * kWidth);
  for (std::uint32_t n = 0; n < piece.found; ++n) {
    const std::uint8_t* const row = piece.hits[n].row + first * sizeof(Value);
    const auto x = hn::Set(d, piece.hits[n].x);
    for (std::size_t v = 0; v < kVectors; ++v)
      sum[v] = hn::Add(sum[v], hn::Mul(x, load_values(d, row + v * kWidth * sizeof(Value), Value())));
  }
  for (std::size_t v = 0; v < kVectors; ++v)
    hn::Store(sum[v], d, sums + first + v * kWidth);
}

template <class Value>
void add_dense(const Piece& piece, float* sums) {
  constexpr std::size_t kWidth = hn::MaxLanes(hn::CappedTag<float, 16>());
  const std::size_t children = piece.pair->section.children;
  for (std::size_t first = 0; first < children; first += 4 * kWidth) {
    const std::size_t vectors = (children - first + kWidth - 1) / kWidth;
    if (vectors >= 4)
      add_columns<Value, 4>(piece, first, sums);
    else if (vectors == 3)
      add_columns<Value, 3>(piece, first, sums);
    else if (vectors == 2)
      add_columns<Value, 2>(piece, first, sums);
    else
      add_columns<Value, 1>(piece, first, sums);
  }
}

// `sums` have room for a child of any byte.
void add_rows(const Piece& piece, float* sums) {
  const auto& [section, query, margins] = *piece.pair;
  if (piece.begin == 0) std::ranges::copy(section.bias, sums);
  const bool is_f2 = section.type == WeightType::f2;
  if (section.form == RowForm::dense)
    is_f2 ? add_dense<hwy::float16_t>(piece, sums) : add_dense<float>(piece, sums);
  else
    is_f2 ? add_sparse<hwy::float16_t>(piece, sums) : add_sparse<float>(piece, sums);
  if (piece.end == query.size()) std::copy_n(sums, section.children, margins);
}

void score_all(std::span<const SectionQuery> pairs) {
  HWY_ALIGN float sums[256] = {};
  Piece pieces[3];
  Pieces source(pairs);
  Piece *asked = &pieces[0], *found = &pieces[1], *added = &pieces[2];
  do {
    Piece* const next = added;
    added = found;
    found = asked;
    asked = next;
    source.take(*asked);
    if (asked->pair != nullptr) prefetch_blocks(*asked);
    if (found->pair != nullptr) find_rows(*found);
    if (added->pair != nullptr) add_rows(*added, sums);
  } while (asked->pair != nullptr || found->pair != nullptr);
}

}  // namespace
}  // namespace xmr::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace xmr {

namespace {
HWY_EXPORT(score_all);
}

void score_sections(std::span<const SectionQuery> pairs) {
  HWY_DYNAMIC_DISPATCH(score_all)(pairs);
}

}  // namespace xmr
#endif
