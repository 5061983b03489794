#include "common/progress.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include "support/catch.hpp"

using namespace xmr::tools;

TEST_CASE("the progress line gives share, rate and time left") {
  CHECK(progress_text("train", 0, 100, "clusters", 0.0) == "train: 0/100 clusters (0 %)");
  CHECK(progress_text("train", 25, 100, "clusters", 5.0) == "train: 25/100 clusters (25 %), 5.0/s, 0:15 left");
  CHECK(progress_text("train", 1000, 1001000, "clusters", 10.0) ==
        "train: 1000/1001000 clusters (0 %), 100/s, 2:46:40 left");
}

TEST_CASE("the progress line gives no share when the total is not known") {
  CHECK(progress_text("read", 500, 0, "rows", 2.0) == "read: 500 rows, 250/s");
}

TEST_CASE("phases are timed, and those of one name are added up") {
  TerminalObserver observer("test", Verbosity::quiet);
  for (int i = 0; i < 2; ++i) {
    const xmr::Phase outer(observer, "outer", 0, "rows");
    xmr::Phase inner(observer, "inner", 2, "rows");
    inner.advance(2);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  REQUIRE(observer.phases().size() == 2);
  CHECK(observer.phases()[0].what == "inner");
  CHECK(observer.phases()[0].seconds >= 0.004);
  CHECK(observer.phases()[1].what == "outer");
}

TEST_CASE("any thread may advance, warn and look whether to stop", "[threads]") {
  TerminalObserver observer("test", Verbosity::quiet);
  const xmr::Phase phase(observer, "count", 4000, "steps");
  std::atomic<int> stops{0};
  std::vector<std::jthread> workers;
  workers.reserve(4);
  for (int i = 0; i < 4; ++i)
    workers.emplace_back([&] {
      for (int step = 0; step < 1000; ++step)
        observer.advance(1);
      observer.warn("done");
      stops += observer.cancelled() ? 1 : 0;
    });
  workers.clear();
  CHECK(stops == 0);
}

TEST_CASE("a message cannot send control characters to a terminal") {
  CHECK(printable("a\x1b[31mb\nc\x7f") == "a\\x1b[31mb\\x0ac\\x7f");
  CHECK(printable("naïve") == "naïve");
}
