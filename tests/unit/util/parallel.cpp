#include "xmr/util/parallel.hpp"

#include <atomic>
#include <numeric>

#include "xmr/util/error.hpp"

#include "support/catch.hpp"

using namespace xmr;

TEST_CASE("every step runs exactly once, for any number of threads", "[threads]") {
  const unsigned threads = GENERATE(1U, 2U, 7U);
  Parallel parallel(threads);
  CHECK(parallel.threads() == threads);
  for (const std::size_t count : {0U, 1U, 5U, 1000U}) {
    std::vector<std::atomic<int>> runs(count);
    std::atomic<bool> known_workers{true};
    parallel.for_each(count, [&](std::size_t i, unsigned worker) {
      if (worker >= threads) known_workers = false;
      ++runs[i];
    });
    CHECK(known_workers);
    CHECK(std::all_of(runs.begin(), runs.end(), [](const auto& n) { return n == 1; }));
  }
}

TEST_CASE("blocks cover the range and do not depend on threads", "[threads]") {
  Parallel parallel(GENERATE(1U, 3U));
  std::vector<std::size_t> ends(4);
  parallel.for_blocks(10, 3, [&](std::size_t begin, std::size_t end, unsigned) { ends[begin / 3] = end; });
  CHECK(ends == std::vector<std::size_t>{3, 6, 9, 10});
}

TEST_CASE("the exception of the lowest failing step is the one that is seen", "[threads]") {
  Parallel parallel(GENERATE(1U, 2U, 7U));
  const auto fail = [](std::size_t i, unsigned) {
    if (i >= 100) throw DataError("step " + std::to_string(i));
  };
  for (int repeat = 0; repeat < 20; ++repeat)
    CHECK_THROWS_WITH(parallel.for_each(1000, fail), "step 100");
  std::atomic<int> done{0};
  parallel.for_each(10, [&](std::size_t, unsigned) { ++done; });
  CHECK(done == 10);
}

TEST_CASE("a cancelled observer stops a loop", "[threads]") {
  struct Cancelled : Observer {
    bool cancelled() const override { return true; }
  } observer;
  Parallel parallel(2, observer);
  CHECK_THROWS_AS(parallel.for_each(10, [](std::size_t, unsigned) {}), Interrupted);
}

TEST_CASE("zero threads are refused") {
  CHECK_THROWS_AS(Parallel(0), ConfigError);
}
