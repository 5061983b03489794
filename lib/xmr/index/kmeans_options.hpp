#pragma once
// What all methods of clustering are told.

#include <cstdint>

namespace xmr {

struct KMeansOptions {
  unsigned rounds = 20;  // of one division, at most; at least 1
  std::uint64_t seed = 0;
};

}  // namespace xmr
