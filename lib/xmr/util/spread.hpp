#pragma once
// The distribution of a count over many items, such as entries over rows or children over nodes.

#include <cstdint>
#include <vector>

namespace xmr {

struct Spread {
  std::uint64_t min = 0, median = 0, max = 0;  // median: the larger of two middle values
  double mean = 0;
};

// Returns zeros if there are no counts. O(counts).
Spread spread(std::vector<std::uint64_t> counts);

}  // namespace xmr
