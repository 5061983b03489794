#pragma once
// Which of some problems a thread works on next, where together they may hold so much memory and no more.
//
//   ProblemQueue queue(bytes, limit);
//   parallel.for_each(bytes.size(), [&](std::size_t, unsigned) {
//     const ProblemQueue::Turn turn = queue.take();  // waits until one fits
//     solve(turn.problem());
//   });                                              // what it held is free when the turn ends
//
// The largest that fits comes next. So large problems follow each other without a pause, however many small ones there
// are: what was begun beside one of them leaves room for the next, which is not larger. Those that need no memory come
// in their order, when no other can be begun.
// Cost: O(log n) a turn; 8 bytes a problem, 48 for one that needs memory. Thread rule: take() from any thread.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <span>
#include <vector>

namespace xmr {

class ProblemQueue {
 public:
  // What each problem holds while it is worked on, none more than `limit` (asserted); 0: nothing that counts.
  ProblemQueue(std::span<const std::uint64_t> bytes, std::uint64_t limit);

  class Turn {
   public:
    ~Turn() { queue_.end(*this); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    std::size_t problem() const { return problem_; }
    std::uint64_t bytes() const { return bytes_; }

   private:
    friend class ProblemQueue;
    Turn(ProblemQueue& queue, std::size_t problem, std::uint64_t bytes)
        : queue_(queue), problem_(problem), bytes_(bytes) {}

    ProblemQueue& queue_;
    std::size_t problem_;
    std::uint64_t bytes_;
  };
  // At most once for each problem (asserted).
  Turn take();

 private:
  struct Waiting {
    std::uint64_t bytes;
    std::size_t problem;
    // Most bytes first.
    bool operator<(const Waiting& other) const {
      return bytes > other.bytes || (bytes == other.bytes && problem < other.problem);
    }
  };

  void end(const Turn& turn);

  std::mutex mutex_;
  std::condition_variable ended_;
  std::uint64_t free_;
  std::set<Waiting> sized_;
  std::vector<std::size_t> others_;
  std::size_t next_other_ = 0;
};

}  // namespace xmr
