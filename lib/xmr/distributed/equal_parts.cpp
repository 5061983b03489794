#include "xmr/distributed/equal_parts.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <utility>

namespace xmr {
namespace {

double sum_of(std::span<const std::uint64_t> costs) {
  return std::accumulate(costs.begin(), costs.end(), 0.0,
                         [](double sum, std::uint64_t cost) { return sum + static_cast<double>(cost); });
}

// Returns the addition to each load if `rest` fills up the smallest loads to one level.
std::vector<double> fill_up(const std::vector<double>& loads, double rest) {
  std::vector<double> sorted = loads;
  std::ranges::sort(sorted);
  double level = 0, below = 0;
  for (std::size_t count = 1; count <= sorted.size(); ++count) {
    below += sorted[count - 1];
    level = (below + rest) / static_cast<double>(count);
    if (count == sorted.size() || level <= sorted[count]) break;
  }
  std::vector<double> room;
  for (const double load : loads)
    room.push_back(std::max(0.0, level - load));
  return room;
}

// Cuts the pieces into ranges of about these costs. Returns the first piece of each range, and the number of pieces.
std::vector<std::uint64_t> cut(std::span<const std::uint64_t> costs, std::span<const double> shares) {
  double wanted = 0, done = 0;
  std::vector<std::uint64_t> cuts{0};
  std::uint64_t at = 0;
  for (const double share : shares.first(shares.size() - 1)) {
    wanted += share;
    for (; at < costs.size() && done + static_cast<double>(costs[at]) / 2 < wanted; ++at)
      done += static_cast<double>(costs[at]);
    cuts.push_back(at);
  }
  cuts.push_back(costs.size());
  return cuts;
}

}  // namespace

std::vector<std::uint64_t> cut_evenly(std::span<const std::uint64_t> costs, std::uint32_t parts) {
  return cut(costs, std::vector<double>(parts, sum_of(costs) / parts));
}

std::vector<std::uint32_t> share_evenly(std::span<const std::uint64_t> costs, std::uint32_t parts) {
  const double large = sum_of(costs) / parts / 4;
  std::vector<std::size_t> alone, others;
  std::vector<std::uint64_t> costs_of_others;
  for (std::size_t piece = 0; piece < costs.size(); ++piece)
    if (static_cast<double>(costs[piece]) > large) {
      alone.push_back(piece);
    } else {
      others.push_back(piece);
      costs_of_others.push_back(costs[piece]);
    }
  std::ranges::stable_sort(alone, std::greater<>(), [&](std::size_t piece) { return costs[piece]; });

  std::vector<std::uint32_t> part_of(costs.size());
  std::vector<double> loads(parts);
  using Load = std::pair<double, std::uint32_t>;
  std::priority_queue<Load, std::vector<Load>, std::greater<>> least;
  for (std::uint32_t part = 0; part < parts; ++part)
    least.emplace(0, part);
  for (const std::size_t piece : alone) {
    const std::uint32_t part = least.top().second;
    least.pop();
    part_of[piece] = part;
    loads[part] += static_cast<double>(costs[piece]);
    least.emplace(loads[part], part);
  }
  const std::vector<std::uint64_t> cuts = cut(costs_of_others, fill_up(loads, sum_of(costs_of_others)));
  for (std::uint32_t part = 0; part < parts; ++part)
    for (std::uint64_t other = cuts[part]; other < cuts[part + 1]; ++other)
      part_of[others[other]] = part;
  return part_of;
}

}  // namespace xmr
