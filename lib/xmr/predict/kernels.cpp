#include "xmr/predict/kernels.hpp"

#include <algorithm>

#include "xmr/model/section_rows.hpp"
#include "xmr/util/targets.hpp"

#define HWY_TARGET_INCLUDE "xmr/predict/kernels.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace xmr::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_AVX2
// [mask of 8 lanes][lane]: the number of lanes of the mask below the lane.
struct Ranks {
  std::uint8_t of[256][8];
};
constexpr Ranks make_ranks() {
  Ranks ranks{};
  for (unsigned mask = 0; mask < 256; ++mask)
    for (unsigned lane = 0, rank = 0; lane < 8; rank += mask >> lane & 1, ++lane)
      ranks.of[mask][lane] = static_cast<std::uint8_t>(rank);
  return ranks;
}
constexpr Ranks kRanks = make_ranks();
alignas(32) constexpr std::int32_t kLaneBits[8] = {1, 2, 4, 8, 16, 32, 64, 128};
#endif

#if HWY_TARGET != HWY_SCALAR
// The bytes from kCount - n on are a mask of the first n bytes of a vector. They lie in one cache line.
struct FirstBytes {
  static constexpr std::size_t kCount = kChunkAlignment / 2;
  alignas(kChunkAlignment) std::uint8_t bytes[2 * kCount];
};
constexpr FirstBytes make_first() {
  FirstBytes first{};
  for (std::size_t i = 0; i < FirstBytes::kCount; ++i)
    first.bytes[i] = 0xff;
  return first;
}
constexpr FirstBytes kFirst = make_first();
#endif

constexpr std::uint32_t kRun = 64;  // features of a query in one step

// A found row of weights.
struct Hit {
  const std::uint8_t* row;  // of a bitmap: first the group's part of the payload
  float x;                  // the query's value
  std::uint32_t present;    // FeatureGroup::present, of a bitmap
  std::uint32_t size;       // of the row; of a bitmap: first the row's bit in `present`
};

// A run of features of a query, and the rows found for them in a section.
struct FeatureRun {
  const SectionQuery* pair = nullptr;  // null: no run
  std::size_t begin = 0, end = 0;      // range of the query's features
  std::uint32_t found = 0;
  Hit hits[kRun];
};

// Divides the pairs into runs, at least one a pair.
class FeatureRuns {
 public:
  explicit FeatureRuns(std::span<const SectionQuery> pairs) : next_(pairs.data()), end_(pairs.data() + pairs.size()) {}

  void take(FeatureRun& run) {
    run.pair = nullptr;
    if (next_ == end_) return;
    const std::size_t size = next_->query.size();
    run.pair = next_;
    run.begin = begin_;
    run.end = std::min<std::size_t>(size, begin_ + kRun);
    begin_ = run.end;
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

void prefetch_table(const FeatureRun& run) {
  const SectionView& section = run.pair->section;
  if (section.line_count == 0) return;
  const FeatureId* const features = run.pair->query.indices.data();
  if (section.table == TableForm::bitmap) {
    for (std::size_t i = run.begin; i < run.end; ++i)
      hwy::Prefetch(section.groups().data() + features[i] / FeatureGroup::kFeatures);
  } else if (section.table == TableForm::hash) {
    const FeatureHash hash = section.hash();
    for (std::size_t i = run.begin; i < run.end; ++i)
      hwy::Prefetch(section.blocks().data() + hash.place(features[i]).block);
  } else {
    for (std::size_t i = run.begin; i < run.end; ++i)
      hwy::Prefetch(section.wide_blocks().data() + home_block(features[i], section.line_count));
  }
}

// Returns the first slot of the block with the key, or a number >= kRows.
template <class Block, class Key>
HWY_INLINE std::uint32_t slot_of(const Key* keys, Key key) {
  // A vector of 64 bytes compares the whole line: the bytes behind the keys come behind all slots.
  const hn::CappedTag<Key, kChunkAlignment / sizeof(Key)> d;
  constexpr std::size_t kWidth = hn::MaxLanes(d);
  const auto wanted = hn::Set(d, key);
  for (std::size_t first = 0; first < Block::kRows; first += kWidth) {
    const auto at = hn::FindFirstTrue(d, hn::Eq(hn::LoadU(d, keys + first), wanted));
    if (at >= 0) return static_cast<std::uint32_t>(first) + static_cast<std::uint32_t>(at);
  }
  return Block::kRows;
}

// Bytes of sparse rows from their sizes: row_bytes() of each, summed.
struct RowBytes {
  std::uint32_t width, most;  // of a value; of the children or masks

  explicit RowBytes(const SectionView& section) : width(size_of(section.type)), most(mask_bytes(section.children)) {}

  // Bytes of the first `count` of up to kSizes sizes behind kSkipped other bytes. Reads kSkipped + kSizes bytes.
  template <std::size_t kSizes, std::size_t kSkipped = 0>
  HWY_INLINE std::uint32_t of(const std::uint8_t* sizes, std::uint32_t count) const {
#if HWY_TARGET == HWY_SCALAR
    std::uint32_t sum = 0;
    for (std::uint32_t i = 0; i < count; ++i)
      sum += sizes[kSkipped + i] * width + std::min<std::uint32_t>(sizes[kSkipped + i], most);
    return sum;
#else
    const hn::CappedTag<std::uint8_t, kSkipped + kSizes> d;
    constexpr std::size_t kWidth = hn::MaxLanes(d);
    const hn::Repartition<std::uint64_t, decltype(d)> d64;
    const hn::Repartition<std::uint32_t, decltype(d)> d32;
    const auto most_of = hn::Set(d, static_cast<std::uint8_t>(most));
    auto values = hn::Zero(d64), places = hn::Zero(d64);
    for (std::size_t first = 0; first < kSkipped + kSizes; first += kWidth) {
      auto some =
          hn::And(hn::LoadU(d, kFirst.bytes + (kFirst.kCount - kSkipped - count) + first), hn::LoadU(d, sizes + first));
      if (first < kSkipped) some = hn::IfThenZeroElse(hn::FirstN(d, kSkipped - first), some);
      values = hn::Add(values, hn::SumsOf8(some));
      places = hn::Add(places, hn::SumsOf8(hn::Min(some, most_of)));
    }
    const auto bytes = hn::Add(hn::MulEven(hn::BitCast(d32, values), hn::Set(d32, width)), places);
    return static_cast<std::uint32_t>(hn::GetLane(hn::SumOfLanes(d64, bytes)));
#endif
  }
};

void find_in_hash(FeatureRun& run) {
  const auto& [section, query, margins] = *run.pair;
  const FeatureHash hash = section.hash();
  const RowBlock* const blocks = section.blocks().data();
  const RowBlock* const end = blocks + section.line_count;
  const std::uint8_t* const payload = section.payload;
  const bool is_dense = section.form == RowForm::dense;
  const std::uint64_t unit = section.unit();
  const RowBytes row_bytes(section);
  for (std::size_t i = run.begin; i < run.end; ++i) {
    const FeatureHash::Place home = hash.place(query.indices[i]);
    const RowBlock* block = blocks + home.block;
    std::uint32_t slot = slot_of<RowBlock>(block->keys, static_cast<std::uint16_t>(home.key));
    for (std::uint32_t key = home.key + hash.step();
         slot >= RowBlock::kRows && block->is_full() && key <= RowBlock::kMaxKey; key += hash.step()) {
      block = block + 1 == end ? blocks : block + 1;
      slot = slot_of<RowBlock>(block->keys, static_cast<std::uint16_t>(key));
    }
    // A branch on the hit would be unpredictable. Without a hit, the next hit overwrites this one.
    bool found = slot < RowBlock::kRows;
    slot = found ? slot : 0;
    const std::uint8_t size = block->sizes[slot];
    found &= size != 0;
    // The load of 32 bytes ends with the block; 8 bytes of keys come first.
    constexpr std::size_t kKeyBytes = 8;
    const std::uint64_t offset = is_dense ? (block->base + slot) * unit
                                          : block->base + row_bytes.of<kChunkAlignment / 2 - kKeyBytes, kKeyBytes>(
                                                              block->sizes - kKeyBytes, slot);
    const std::uint8_t* const row = payload + offset;
    run.hits[run.found] = {row, query.values[i], 0, size};
    run.found += found ? 1 : 0;
    hwy::Prefetch(found ? row : reinterpret_cast<const std::uint8_t*>(block));
  }
}

void find_in_wide_hash(FeatureRun& run) {
  const auto& [section, query, margins] = *run.pair;
  const WideBlock* const blocks = section.wide_blocks().data();
  const std::uint32_t count = section.line_count;
  const bool is_dense = section.form == RowForm::dense;
  const std::uint64_t unit = section.unit();
  const RowBytes row_bytes(section);
  for (std::size_t i = run.begin; i < run.end; ++i) {
    const FeatureId feature = query.indices[i];
    const WideBlock* block = blocks + home_block(feature, count);
    std::uint32_t slot = slot_of<WideBlock>(block->features, feature);
    while (slot >= WideBlock::kRows && block->is_full()) {
      block = block + 1 == blocks + count ? blocks : block + 1;
      slot = slot_of<WideBlock>(block->features, feature);
    }
    const bool found = slot < WideBlock::kRows;
    slot = found ? slot : 0;
    // The load of 16 bytes ends with the block.
    const std::uint64_t offset =
        is_dense ? (block->base + slot) * unit : block->base + row_bytes.of<16>(block->sizes, slot);
    const std::uint8_t* const row = section.payload + offset;
    run.hits[run.found] = {row, query.values[i], 0, block->sizes[slot]};
    run.found += found ? 1 : 0;
    hwy::Prefetch(found ? row : reinterpret_cast<const std::uint8_t*>(block));
  }
}

void find_in_bitmap(FeatureRun& run) {
  const auto& [section, query, margins] = *run.pair;
  const FeatureGroup* const groups = section.groups().data();
  const std::uint8_t* const payload = section.payload;
  const std::uint64_t unit = section.unit();
  std::uint32_t found = 0;
  for (std::size_t i = run.begin; i < run.end; ++i) {
    const FeatureId feature = query.indices[i];
    const FeatureGroup group = groups[feature / FeatureGroup::kFeatures];
    const std::uint32_t bit = feature % FeatureGroup::kFeatures;
    const std::uint8_t* const at = payload + group.base * unit;
    run.hits[found] = {at, query.values[i], group.present, bit};
    const bool is_found = (group.present >> bit & 1) != 0;
    found += is_found ? 1 : 0;
    hwy::Prefetch(is_found ? at : reinterpret_cast<const std::uint8_t*>(groups));
  }
  run.found = found;
}

void find_rows(FeatureRun& run) {
  run.found = 0;
  const SectionView& section = run.pair->section;
  if (section.line_count == 0) return;
  if (section.table == TableForm::bitmap)
    find_in_bitmap(run);
  else if (section.table == TableForm::hash)
    find_in_hash(run);
  else
    find_in_wide_hash(run);
}

// Moves the hits of a bitmap from their groups to the rows themselves.
void place_rows(FeatureRun& run) {
  const SectionView& section = run.pair->section;
  if (section.table != TableForm::bitmap) return;
  const std::size_t unit = section.unit();
  const RowBytes row_bytes(section);
  for (std::uint32_t n = 0; n < run.found; ++n) {
    Hit& hit = run.hits[n];
    const auto before = static_cast<std::uint32_t>(hwy::PopCount(hit.present & ((std::uint32_t{1} << hit.size) - 1)));
    if (section.form == RowForm::dense) {
      hit.row += before * unit;
    } else {
      const std::uint8_t* const sizes = hit.row;
      hit.row += hwy::PopCount(hit.present) + row_bytes.of<FeatureGroup::kFeatures>(sizes, before);
      hit.size = sizes[before];
    }
    hwy::Prefetch(hit.row);
  }
}

// Converts the values of weights to 32-bit floats.
template <class D>
HWY_INLINE hn::Vec<D> load_values(D d, const std::uint8_t* at, float /*type*/) {
  return hn::LoadU(d, reinterpret_cast<const float*>(at));
}
template <class D>
HWY_INLINE hn::Vec<D> load_values(D d, const std::uint8_t* at, hwy::float16_t /*type*/) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<hwy::float16_t, D>(), reinterpret_cast<const hwy::float16_t*>(at)));
}

template <class D>
HWY_INLINE hn::Vec<D> load_values(D d, const std::uint8_t* at, std::int8_t /*type*/) {
  const hn::RebindToSigned<D> d32;
  return hn::ConvertTo(
      d, hn::PromoteTo(d32, hn::LoadU(hn::Rebind<std::int8_t, D>(), reinterpret_cast<const std::int8_t*>(at))));
}

// Adds the weights [first, first + kCount) of a list. Weights beyond its end count as 0.
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
HWY_INLINE void add_list(const Hit& hit, float* sums) {
  if (hit.size <= 4) {
    add_some<Value, 4>(hit, 0, sums);
  } else {
    for (std::uint32_t first = 0; first < hit.size; first += 8)
      add_some<Value, 8>(hit, first, sums);
  }
}

// Adds x times the k-th value to the sum of the k-th bit of a mask.
template <class Value>
HWY_INLINE void add_mask(std::uint32_t mask, const std::uint8_t* values, float x, float* sums) {
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
  const hn::FixedTag<float, 16> d;
  const decltype(hn::Zero(d)) spread{
      _mm512_maskz_expand_ps(static_cast<__mmask16>(mask), load_values(d, values, Value()).raw)};
  hn::Store(hn::Add(hn::Load(d, sums), hn::Mul(spread, hn::Set(d, x))), d, sums);
#elif HWY_TARGET == HWY_AVX2
  const hn::FixedTag<float, 8> d;
  const hn::FixedTag<std::int32_t, 8> d32;
  for (std::uint32_t half = 0; half < 2; ++half, mask >>= 8, sums += 8) {
    const auto ranks = hn::PromoteTo(d32, hn::LoadU(hn::Rebind<std::uint8_t, decltype(d32)>(), kRanks.of[mask & 0xff]));
    const auto bits = hn::Set(d32, static_cast<std::int32_t>(mask)), lane_bits = hn::Load(d32, kLaneBits);
    const auto lanes = hn::RebindMask(d, hn::TestBit(bits, lane_bits));
    const auto spread = hn::TableLookupLanes(load_values(d, values, Value()), hn::IndicesFromVec(d, ranks));
    hn::Store(hn::Add(hn::Load(d, sums), hn::Mul(hn::IfThenElseZero(lanes, spread), hn::Set(d, x))), d, sums);
    values += hwy::PopCount(mask & 0xff) * sizeof(Value);
  }
#else
  const hn::CappedTag<float, 1> d;
  for (; mask != 0; mask &= mask - 1, values += sizeof(Value))
    sums[hwy::Num0BitsBelowLS1Bit_Nonzero32(mask)] += x * hn::GetLane(load_values(d, values, Value()));
#endif
}

template <class Value>
void add_sparse(const FeatureRun& run, float* sums) {
  const std::uint32_t children = run.pair->section.children, masks = masks_of(children);
  for (std::uint32_t n = 0; n < run.found; ++n) {
    const Hit& hit = run.hits[n];
    if (!is_masked(hit.size, children)) {
      add_list<Value>(hit, sums);
      continue;
    }
    const std::uint8_t* values = hit.row + mask_bytes(children);
    for (std::uint32_t m = 0; m < masks; ++m) {
      const std::uint32_t mask = mask_at(hit.row, m);
      add_mask<Value>(mask, values, hit.x, sums + std::size_t{16} * m);
      values += hwy::PopCount(mask) * sizeof(Value);
    }
  }
}

// Adds the children [first, first + kVectors vectors) of all rows. The sums stay in registers.
template <class Value, std::size_t kVectors>
HWY_INLINE void add_columns(const FeatureRun& run, std::size_t first, float* sums) {
  const hn::CappedTag<float, 16> d;
  constexpr std::size_t kWidth = hn::MaxLanes(d);
  hn::Vec<decltype(d)> sum[kVectors];
  for (std::size_t v = 0; v < kVectors; ++v)
    sum[v] = hn::Load(d, sums + first + v * kWidth);
  for (std::uint32_t n = 0; n < run.found; ++n) {
    const std::uint8_t* const row = run.hits[n].row + first * sizeof(Value);
    const auto x = hn::Set(d, run.hits[n].x);
    for (std::size_t v = 0; v < kVectors; ++v)
      sum[v] = hn::Add(sum[v], hn::Mul(x, load_values(d, row + v * kWidth * sizeof(Value), Value())));
  }
  for (std::size_t v = 0; v < kVectors; ++v)
    hn::Store(sum[v], d, sums + first + v * kWidth);
}

template <class Value>
void add_dense(const FeatureRun& run, float* sums) {
  constexpr std::size_t kWidth = hn::MaxLanes(hn::CappedTag<float, 16>());
  const std::size_t children = run.pair->section.children;
  for (std::size_t first = 0; first < children; first += 4 * kWidth) {
    const std::size_t vectors = (children - first + kWidth - 1) / kWidth;
    if (vectors >= 4)
      add_columns<Value, 4>(run, first, sums);
    else if (vectors == 3)
      add_columns<Value, 3>(run, first, sums);
    else if (vectors == 2)
      add_columns<Value, 2>(run, first, sums);
    else
      add_columns<Value, 1>(run, first, sums);
  }
}

template <class Value>
void add_values(const FeatureRun& run, float* sums) {
  run.pair->section.form == RowForm::dense ? add_dense<Value>(run, sums) : add_sparse<Value>(run, sums);
}

// `sums` has room for 256 children.
void add_rows(const FeatureRun& run, float* sums) {
  const auto& [section, query, margins] = *run.pair;
  const bool is_scaled = section.type == WeightType::i1;
  if (run.begin == 0) {
    if (is_scaled)
      std::fill_n(sums, section.children, 0.0F);
    else
      std::ranges::copy(section.bias, sums);
  }
  switch (section.type) {
    case WeightType::i1:
      add_values<std::int8_t>(run, sums);
      break;
    case WeightType::f2:
      add_values<hwy::float16_t>(run, sums);
      break;
    case WeightType::f4:
      add_values<float>(run, sums);
      break;
  }
  if (run.end != query.size()) return;
  if (is_scaled) {
    for (std::uint32_t child = 0; child < section.children; ++child)
      margins[child] = section.bias[child] + section.scales[child] * sums[child];
  } else {
    std::copy_n(sums, section.children, margins);
  }
}

void score_all(std::span<const SectionQuery> pairs) {
  HWY_ALIGN float sums[256] = {};
  FeatureRun runs[4];
  FeatureRuns source(pairs);
  FeatureRun *asked = &runs[0], *found = &runs[1], *placed = &runs[2], *added = &runs[3];
  do {
    FeatureRun* const next = added;
    added = placed;
    placed = found;
    found = asked;
    asked = next;
    source.take(*asked);
    if (asked->pair != nullptr) prefetch_table(*asked);
    if (found->pair != nullptr) find_rows(*found);
    if (placed->pair != nullptr) place_rows(*placed);
    if (added->pair != nullptr) add_rows(*added, sums);
  } while (asked->pair != nullptr || found->pair != nullptr || placed->pair != nullptr);
}

}  // namespace
}  // namespace xmr::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace xmr {

void score_sections(std::span<const SectionQuery> pairs) {
  XMR_BEST_TARGET(score_all)(pairs);
}

void append_sections(const ChunkView& chunk, SparseRow query, float* margins, std::vector<SectionQuery>& pairs) {
  for (std::uint32_t n = 0; n < chunk.sections(); ++n) {
    pairs.push_back({chunk.section(n), query, margins});
    margins += pairs.back().section.children;
  }
}

}  // namespace xmr
#endif
