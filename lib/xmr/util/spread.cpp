#include "xmr/util/spread.hpp"

#include <algorithm>
#include <numeric>

namespace xmr {

Spread spread(std::vector<std::uint64_t> counts) {
  if (counts.empty()) return {};
  const auto [min, max] = std::ranges::minmax(counts);
  const auto sum = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  const auto middle = counts.begin() + static_cast<std::ptrdiff_t>(counts.size() / 2);
  std::ranges::nth_element(counts, middle);
  return {min, *middle, max, static_cast<double>(sum) / static_cast<double>(counts.size())};
}

}  // namespace xmr
