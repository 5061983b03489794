#pragma once
// A pool of threads for loops with independent steps.
//
//   Parallel parallel(threads, observer);
//   parallel.for_each(count, [&](std::size_t i, unsigned worker) { ... });
//
// Steps are handed out one at a time in increasing order, so put the largest step first. The calling thread works too.
// Results must not depend on which worker runs a step; `worker` (0..threads()-1) only selects scratch memory. If steps
// throw, the exception of the lowest step is rethrown when all running steps have ended, so errors do not depend on the
// number of threads. If the observer is cancelled, throws Interrupted. Thread rule: one loop at a time; loops do not
// nest.

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "xmr/util/observer.hpp"

namespace xmr {

class Parallel {
 public:
  // If threads is 0, throws ConfigError. If the system does not start all threads, throws IoError.
  explicit Parallel(unsigned threads = 1, Observer& observer = Observer::none());
  ~Parallel();
  Parallel(const Parallel&) = delete;
  Parallel& operator=(const Parallel&) = delete;

  unsigned threads() const noexcept { return static_cast<unsigned>(workers_.size()) + 1; }
  Observer& observer() const noexcept { return observer_; }

  using Step = std::function<void(std::size_t step, unsigned worker)>;
  void for_each(std::size_t count, const Step& step);

  // Runs over 0..count in blocks of `block` (the last one shorter). Block boundaries do not depend on threads.
  using BlockStep = std::function<void(std::size_t begin, std::size_t end, unsigned worker)>;
  void for_blocks(std::size_t count, std::size_t block, const BlockStep& step);

  // Returns the number of processors that the process may use: affinity and cgroup quota, at least 1.
  static unsigned available_processors();

 private:
  void stop();
  void work(unsigned worker);
  void run_steps(unsigned worker, std::unique_lock<std::mutex>& lock);

  Observer& observer_;
  std::mutex mutex_;
  std::condition_variable wake_, idle_;
  const Step* step_ = nullptr;
  std::size_t count_ = 0, next_ = 0, failed_step_ = 0;
  unsigned busy_ = 0;  // workers that run steps
  bool stop_ = false;
  std::exception_ptr failure_;
  std::vector<std::jthread> workers_;
};

}  // namespace xmr
