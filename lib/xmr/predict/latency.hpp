#pragma once
// The latency of single queries on one thread. A warm-up pass over all rows maps pages, verifies chunks and grows
// buffers. Then the steady clock times each row once.

#include <functional>

#include "xmr/util/observer.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

// In microseconds. Percentile p is the smallest time that at least p % of the queries do not exceed.
struct Latency {
  Row queries = 0;
  double mean = 0, p50 = 0, p90 = 0, p99 = 0, max = 0;
};

// Times query(row) for rows 0..count-1. If count is 0, throws DataError. If the observer is cancelled, throws
// Interrupted. Memory: 8 bytes a row.
Latency measure_latency(Row count, const std::function<void(Row)>& query, Observer& observer);

}  // namespace xmr
