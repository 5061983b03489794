#include "xmr/train/problem_queue.hpp"

#include <cassert>

namespace xmr {

ProblemQueue::ProblemQueue(std::span<const std::uint64_t> bytes, std::uint64_t limit) : free_(limit) {
  for (std::size_t problem = 0; problem < bytes.size(); ++problem) {
    assert(bytes[problem] <= limit);
    if (bytes[problem] > 0)
      sized_.insert({bytes[problem], problem});
    else
      others_.push_back(problem);
  }
}

ProblemQueue::Turn ProblemQueue::take() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (const auto fits = sized_.lower_bound({free_, 0}); fits != sized_.end()) {
      const auto [bytes, problem] = *fits;
      sized_.erase(fits);
      free_ -= bytes;
      return {*this, problem, bytes};
    }
    if (next_other_ < others_.size()) return {*this, others_[next_other_++], 0};
    assert(!sized_.empty());
    ended_.wait(lock);
  }
}

void ProblemQueue::end(const Turn& turn) {
  if (turn.bytes_ == 0) return;
  {
    const std::lock_guard lock(mutex_);
    free_ += turn.bytes_;
  }
  ended_.notify_all();
}

}  // namespace xmr
