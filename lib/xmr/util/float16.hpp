#pragma once
// Half-precision numbers (IEEE 754 binary16) as 16 bits, for stored weights. Rounds to nearest, ties to even, as
// processors do, so the bits are the same everywhere. Thread rule: pure functions.

#include <bit>
#include <cstdint>

namespace xmr {

inline constexpr float kLargestFloat16 = 65504;

// Values that round above kLargestFloat16 become infinite; values that round below 6e-8 become 0.
inline std::uint16_t to_float16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits >> 16 & 0x8000U, magnitude = bits & 0x7fffffffU;
  constexpr std::uint32_t kInfinite = 0x7f800000U, kTwoTo16 = 0x47800000U, kSmallestNormal = 0x38800000U;
  std::uint32_t half = 0;
  if (magnitude > kInfinite) {
    half = 0x7e00U;
  } else if (magnitude >= kTwoTo16) {
    half = 0x7c00U;
  } else if (magnitude < kSmallestNormal) {
    // The last bit of a sum between 1/2 and 1 has the weight of the last bit of a subnormal half.
    half = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5F) - std::bit_cast<std::uint32_t>(0.5F);
  } else {
    const std::uint32_t odd = magnitude >> 13 & 1U;
    half = (magnitude - (112U << 23) + 0xfffU + odd) >> 13;  // a carry may reach infinity
  }
  return static_cast<std::uint16_t>(sign | half);
}

// The conversion is exact.
inline float from_float16(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16, exponent = half >> 10 & 0x1fU, mantissa = half & 0x3ffU;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24F;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
  }
  const std::uint32_t widened = exponent == 0x1fU ? 0xffU : exponent + 112U;
  return std::bit_cast<float>(sign | widened << 23 | mantissa << 13);
}

}  // namespace xmr
