#include "xmr/util/parallel.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <sched.h>

#include "xmr/util/error.hpp"

namespace xmr {

Parallel::Parallel(unsigned threads, Observer& observer) : observer_(observer) {
  if (threads == 0) throw ConfigError("threads: 0 is outside 1..1024");
  workers_.reserve(threads - 1);
  try {
    for (unsigned worker = 1; worker < threads; ++worker)
      workers_.emplace_back([this, worker] { work(worker); });
  } catch (const std::system_error& error) {
    stop();
    throw IoError(fmt::format("thread {} of {}", workers_.size() + 2, threads), "start", error.code().value());
  } catch (...) {
    stop();
    throw;
  }
}

Parallel::~Parallel() {
  stop();
}

// Tells waiting workers to return. The destructors of the threads join them.
void Parallel::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
}

// A worker that wakes late finds no step and sleeps again. A loop waits only for workers that took a step.
void Parallel::work(unsigned worker) {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return stop_ || next_ < count_; });
    if (stop_) return;
    ++busy_;
    run_steps(worker, lock);
    if (--busy_ == 0) idle_.notify_one();
  }
}

// The lock is held on entry and on return, but not while a step runs.
void Parallel::run_steps(unsigned worker, std::unique_lock<std::mutex>& lock) {
  while (next_ < count_) {
    const std::size_t step = next_++;
    lock.unlock();
    std::exception_ptr failure;
    try {
      if (observer_.cancelled()) throw Interrupted();
      (*step_)(step, worker);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (!failure) continue;
    next_ = count_;
    if (!failure_ || step < failed_step_) {
      failure_ = failure;
      failed_step_ = step;
    }
  }
}

void Parallel::for_each(std::size_t count, const Step& step) {
  std::unique_lock lock(mutex_);
  step_ = &step;
  count_ = count;
  next_ = 0;
  if (count > 1) wake_.notify_all();
  run_steps(0, lock);
  idle_.wait(lock, [&] { return busy_ == 0; });
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Parallel::for_blocks(std::size_t count, std::size_t block, const BlockStep& step) {
  for_each((count + block - 1) / block,
           [&](std::size_t i, unsigned worker) { step(i * block, std::min(count, (i + 1) * block), worker); });
}

namespace {

// Returns the CPU bandwidth limit of cgroup version 2 in processors, or 0 without a limit.
double cgroup_quota() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return 0;
  return std::strtod(quota.c_str(), nullptr) / period;
}

}  // namespace

unsigned Parallel::available_processors() {
  cpu_set_t set;
  unsigned processors = 1;
  if (sched_getaffinity(0, sizeof set, &set) == 0) processors = static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
  const double quota = cgroup_quota();
  if (quota > 0) processors = std::min(processors, std::max(1U, static_cast<unsigned>(std::ceil(quota))));
  return processors;
}

}  // namespace xmr
