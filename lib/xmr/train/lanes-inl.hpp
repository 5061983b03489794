// Vectors of 16 logical lanes on every target of Google Highway. The kernels of train/ include it once per target,
// after <hwy/highway.h>; hence the guard toggles.
#if defined(XMR_TRAIN_LANES_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef XMR_TRAIN_LANES_INL_HPP
#undef XMR_TRAIN_LANES_INL_HPP
#else
#define XMR_TRAIN_LANES_INL_HPP
#endif

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <hwy/highway.h>

#include "xmr/train/lane_solver.hpp"

HWY_BEFORE_NAMESPACE();
namespace xmr::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// 16 lanes are 1, 2, 4, ... registers of the target, the parts.
using Tag = hn::CappedTag<float, kLanes>;
using Vec = hn::Vec<Tag>;
using Mask = hn::Mask<Tag>;
inline constexpr std::size_t kWidth = hn::MaxLanes(Tag());
inline constexpr std::size_t kParts = kLanes / kWidth;

struct Lanes {
  Vec part[kParts];
};

HWY_INLINE Vec all(float value) {
  return hn::Set(Tag(), value);
}
HWY_INLINE Vec load(const float* lanes, std::size_t part) {
  return hn::Load(Tag(), lanes + part * kWidth);
}
HWY_INLINE void store(Vec value, float* lanes, std::size_t part) {
  hn::Store(value, Tag(), lanes + part * kWidth);
}

// Returns a·b + c, rounded once on every target. Targets without the instruction are slower, with the same result.
HWY_INLINE Vec mul_add(Vec a, Vec b, Vec c) {
#if HWY_NATIVE_FMA
  return hn::MulAdd(a, b, c);
#else
  HWY_ALIGN float x[kWidth];
  HWY_ALIGN float y[kWidth];
  HWY_ALIGN float z[kWidth];
  hn::Store(a, Tag(), x);
  hn::Store(b, Tag(), y);
  hn::Store(c, Tag(), z);
  for (std::size_t lane = 0; lane < kWidth; ++lane)
    z[lane] = std::fma(x[lane], y[lane], z[lane]);
  return hn::Load(Tag(), z);
#endif
}

// Convert between a mask of one part and the bits of all 16 lanes.
HWY_INLINE Mask mask_of(std::uint32_t bits, std::size_t part) {
  const std::uint32_t mine = bits >> (part * kWidth);
  const std::uint8_t bytes[8] = {static_cast<std::uint8_t>(mine), static_cast<std::uint8_t>(mine >> 8)};
  return hn::LoadMaskBits(Tag(), bytes);
}
HWY_INLINE std::uint32_t bits_of(Mask mask, std::size_t part) {
  std::uint8_t bytes[8] = {};
  hn::StoreMaskBits(Tag(), mask, bytes);
  return (bytes[0] | static_cast<std::uint32_t>(bytes[1]) << 8) << (part * kWidth);
}

}  // namespace
}  // namespace xmr::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
