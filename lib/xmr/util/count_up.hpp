#pragma once
// Counts of 32 bits in files: a count of 4,294,967,295 means that many or more.

#include <algorithm>
#include <cstdint>
#include <limits>

namespace xmr {

// Adds `times`, up to the largest value.
inline void count_up(std::uint32_t& count, std::uint32_t times = 1) {
  count += std::min(times, std::numeric_limits<std::uint32_t>::max() - count);
}

}  // namespace xmr
