#pragma once
// Seeded random numbers, the same on every machine: SplitMix64 (Steele et al., OOPSLA 2014). The distributions of the
// standard library differ between implementations, so this file has its own. (seed, stream) names a stream. Independent
// work (a node, a row) uses its own stream, so results do not depend on the order of the work.

#include <cstdint>
#include <span>
#include <utility>

namespace xmr {

class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0) : state_(mix(seed) ^ mix(~stream)) {}

  std::uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15U); }

  // Returns a uniform number in 0..bound-1, bound ≥ 1 (Lemire's multiplication, bias at most bound/2^64).
  std::uint64_t below(std::uint64_t bound) {
    __extension__ typedef unsigned __int128 Product;  // not ISO C++, but all supported compilers have it
    return static_cast<std::uint64_t>((static_cast<Product>(next()) * bound) >> 64);
  }

  // Returns a uniform number in [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  // Shuffles by Fisher-Yates.
  template <class T>
  void shuffle(std::span<T> values) {
    for (std::size_t i = values.size(); i > 1; --i)
      std::swap(values[i - 1], values[below(i)]);
  }

 private:
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

}  // namespace xmr
