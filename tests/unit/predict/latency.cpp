#include "xmr/predict/latency.hpp"

#include "xmr/util/error.hpp"

#include "support/catch.hpp"

using namespace xmr;

TEST_CASE("latency is measured over all rows after one warm-up pass") {
  std::vector<int> calls(7);
  const Latency latency = measure_latency(
      7, [&](Row row) { ++calls[row]; }, Observer::none());
  CHECK(calls == std::vector<int>(7, 2));
  CHECK(latency.queries == 7);
  CHECK(latency.p50 <= latency.p90);
  CHECK(latency.p90 <= latency.p99);
  CHECK(latency.p99 <= latency.max);
  CHECK(latency.mean <= latency.max);
}

TEST_CASE("the latency of no rows is refused") {
  CHECK_THROWS_AS(measure_latency(
                      0, [](Row) {}, Observer::none()),
                  DataError);
}
