#include "xmr/predict/latency.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <vector>

#include "xmr/util/error.hpp"

namespace xmr {

Latency measure_latency(Row count, const std::function<void(Row)>& query, Observer& observer) {
  using Clock = std::chrono::steady_clock;
  if (count == 0) throw DataError("latency: no rows to measure");
  Phase phase(observer, "measure latency", 2 * count, "queries");
  std::vector<double> times;
  for (const bool timed : {false, true}) {
    for (Row row = 0; row < count; ++row) {
      if (observer.cancelled()) throw Interrupted();
      const auto start = Clock::now();
      query(row);
      if (timed) times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
      phase.advance(1);
    }
  }
  std::ranges::sort(times);
  const auto percentile = [&](std::size_t p) { return times[(count * p + 99) / 100 - 1]; };
  return {.queries = count,
          .mean = std::accumulate(times.begin(), times.end(), 0.0) / static_cast<double>(count),
          .p50 = percentile(50),
          .p90 = percentile(90),
          .p99 = percentile(99),
          .max = times.back()};
}

}  // namespace xmr
