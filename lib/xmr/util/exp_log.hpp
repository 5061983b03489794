#pragma once
// exp, log and log1p for scores, with the same bits on every machine; C libraries differ between versions. Input and
// output are single precision (log: double). The polynomials run in double without tables or branches, so loops over
// them are vectorised. The relative error is below 2^-23 (one unit in the last place). The project is compiled with
// -ffp-contract=off, so a product and a sum are rounded separately. Thread rule: pure functions.

#include <bit>
#include <cstdint>

namespace xmr {

// Returns e^x: 0 below -104, infinity above 89. x must not be NaN.
inline float portable_exp(float x) {
  const double clamped = x < -104.0F ? -104.0 : x > 89.0F ? 89.0 : static_cast<double>(x);
  // x = n ln 2 + r with |r| ≤ ln(2)/2. Adding 1.5 × 2^52 rounds n to an integer in the low bits.
  constexpr double kShift = 0x1.8p52;
  const double shifted = clamped * 0x1.71547652b82fep+0 + kShift;
  const double n = shifted - kShift;
  const double r = (clamped - n * 0x1.62e42fefa39efp-1) - n * 0x1.abc9e3b39803fp-56;
  // Taylor series. The first omitted term is r^9/9! < 2^-32.
  double sum = 1.0 / 40320;
  sum = sum * r + 1.0 / 5040;
  sum = sum * r + 1.0 / 720;
  sum = sum * r + 1.0 / 120;
  sum = sum * r + 1.0 / 24;
  sum = sum * r + 1.0 / 6;
  sum = sum * r + 0.5;
  sum = sum * r + 1.0;
  sum = sum * r + 1.0;
  const double power = std::bit_cast<double>((std::bit_cast<std::uint64_t>(shifted) + 1023) << 52);  // 2^n
  return static_cast<float>(sum * power);
}

// artanh(s)/s = 1 + s²/3 + s⁴/5 + ... + s^(last-1)/last.
template <int last>
double artanh_series(double s2) {
  double sum = 1.0 / last;
  for (int n = last - 2; n >= 1; n -= 2)
    sum = sum * s2 + 1.0 / n;
  return sum;
}

// Returns ln(1 + t) for 0 ≤ t ≤ 1 as 2 artanh(s), s = t/(2+t) ≤ 1/3. Exact to the last place for small t.
inline float portable_log1p(float t) {
  const double s = static_cast<double>(t) / (2.0 + static_cast<double>(t));
  return static_cast<float>(2.0 * s * artanh_series<21>(s * s));  // omitted terms: s^22/23 < 2^-39 of the sum
}

// Returns ln(x) for a normal x > 0 as e ln 2 + 2 artanh(s), with x = m 2^e, √½ < m ≤ √2, s = (m-1)/(m+1), |s| < 0.172.
// The relative error is below 2^-48, also near x = 1.
inline double portable_log(double x) {
  constexpr std::uint64_t kMantissa = (std::uint64_t{1} << 52) - 1;
  const auto bits = std::bit_cast<std::uint64_t>(x);
  auto e = static_cast<double>(static_cast<std::int64_t>(bits >> 52) - 1023);
  auto m = std::bit_cast<double>((bits & kMantissa) | std::bit_cast<std::uint64_t>(1.0));
  if (m > 0x1.6a09e667f3bcdp+0) {
    m /= 2;
    e += 1;
  }
  const double s = (m - 1) / (m + 1);
  const double ln_m = 2 * s * artanh_series<19>(s * s);  // omitted terms: s^20/21 < 2^-55 of the sum
  return e * 0x1.62e42fefa39efp-1 + (e * 0x1.abc9e3b39803fp-56 + ln_m);
}

}  // namespace xmr
