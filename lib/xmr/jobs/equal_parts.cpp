#include "xmr/jobs/equal_parts.hpp"

namespace xmr {

std::vector<std::uint64_t> cut_evenly(std::span<const std::uint64_t> costs, std::uint32_t parts) {
  double total = 0, done = 0;
  for (const std::uint64_t cost : costs)
    total += static_cast<double>(cost);
  std::vector<std::uint64_t> cuts{0};
  std::uint64_t at = 0;
  for (std::uint32_t part = 1; part < parts; ++part) {
    const double wanted = total * part / parts;
    for (; at < costs.size() && done + static_cast<double>(costs[at]) / 2 < wanted; ++at)
      done += static_cast<double>(costs[at]);
    cuts.push_back(at);
  }
  cuts.push_back(costs.size());
  return cuts;
}

}  // namespace xmr
