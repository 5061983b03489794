#pragma once
// Counts of 32 bits in files: a count of 4,294,967,295 means that many or more.

#include <cstdint>
#include <limits>

namespace xmr {

// Adds 1, but leaves the largest value as it is.
inline void count_up(std::uint32_t& count) {
  count += count != std::numeric_limits<std::uint32_t>::max() ? 1 : 0;
}

}  // namespace xmr
