#pragma once
// How a count (entries of a row, children of a node) is spread over many things.

#include <cstdint>
#include <vector>

namespace xmr {

struct Spread {
  std::uint64_t min = 0, median = 0, max = 0;  // median: of an even number, the larger of the two in the middle
  double mean = 0;
};

// All 0 of no counts. O(counts).
Spread spread(std::vector<std::uint64_t> counts);

}  // namespace xmr
