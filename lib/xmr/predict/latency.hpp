#pragma once
// How long single queries take on one thread, as a service would see it: after a warm-up pass over all rows (pages
// mapped, chunks verified, scratch grown), each row is timed once by the steady clock.

#include <functional>

#include "xmr/util/observer.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

// Microseconds. A percentile p is the smallest time that at least p % of the queries do not exceed.
struct Latency {
  Row queries = 0;
  double mean = 0, p50 = 0, p90 = 0, p99 = 0, max = 0;
};

// Times query(row) for rows 0..count-1. DataError for count 0; Interrupted. Memory: 8 bytes a row.
Latency measure_latency(Row count, const std::function<void(Row)>& query, Observer& observer);

}  // namespace xmr
