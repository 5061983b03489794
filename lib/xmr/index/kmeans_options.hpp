#pragma once
// Options of all clustering methods.

#include <cstdint>

namespace xmr {

struct KMeansOptions {
  unsigned rounds = 20;  // maximum rounds of a division, at least 1
  std::uint64_t seed = 0;
};

}  // namespace xmr
