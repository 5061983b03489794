#include "xmr/train/problem_queue.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "xmr/util/parallel.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"

using xmr::ProblemQueue;

TEST_CASE("problems come by size, then those that need no memory in their order") {
  const std::vector<std::uint64_t> bytes{0, 5, 0, 9, 5};
  ProblemQueue queue(bytes, 9);
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    order.push_back(queue.take().problem());
  CHECK(order == std::vector<std::size_t>{3, 1, 4, 0, 2});
}

TEST_CASE("large problems follow each other though small ones are begun beside them") {
  const auto take = [](ProblemQueue& queue) {
    return std::unique_ptr<ProblemQueue::Turn>(new ProblemQueue::Turn(queue.take()));
  };
  const std::vector<std::uint64_t> bytes{60, 60, 50, 30, 10, 0, 60};
  ProblemQueue queue(bytes, 100);
  auto large = take(queue);
  CHECK(large->problem() == 0);
  const auto beside = take(queue), more = take(queue), without_memory = take(queue);
  CHECK(beside->problem() == 3);  // 50 does not fit
  CHECK(more->problem() == 4);
  CHECK(without_memory->problem() == 5);
  for (const std::size_t next : {1, 6, 2}) {
    large.reset();
    large = take(queue);
    CHECK(large->problem() == next);
  }
}

TEST_CASE("threads that find no room wait, and never hold more than the limit", "[threads]") {
  constexpr std::uint64_t kLimit = 1000;
  xmr::Random random(3);
  std::vector<std::uint64_t> bytes(500);
  for (std::uint64_t& of_problem : bytes)
    of_problem = random.below(4) == 0 ? random.below(kLimit + 1) : random.below(50);
  ProblemQueue queue(bytes, kLimit);
  std::atomic<std::uint64_t> held = 0, most = 0;
  std::vector<std::atomic<int>> taken(bytes.size());
  xmr::Parallel parallel(8);
  parallel.for_each(bytes.size(), [&](std::size_t, unsigned) {
    const ProblemQueue::Turn turn = queue.take();
    ++taken[turn.problem()];
    const std::uint64_t now = held += bytes[turn.problem()];
    for (std::uint64_t before = most; before < now && !most.compare_exchange_weak(before, now);) {
    }
    std::this_thread::yield();
    held -= bytes[turn.problem()];
  });
  CHECK(most <= kLimit);
  CHECK(std::ranges::all_of(taken, [](const std::atomic<int>& times) { return times == 1; }));
}
