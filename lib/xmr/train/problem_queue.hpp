#pragma once
// A queue of problems that limits the memory of the problems in work.
//
//   ProblemQueue queue(bytes, limit);
//   parallel.for_each(bytes.size(), [&](std::size_t, unsigned) {
//     const ProblemQueue::Turn turn = queue.take();  // waits until one fits
//     solve(turn.problem());
//   });                                              // the end of the turn frees its memory
//
// The largest problem that fits comes next, so large problems follow each other without a pause. If none fits, problems
// that need no memory come in their order.
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
  // `bytes`: the memory of each problem, at most `limit` (asserted); 0: not counted.
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
  // Waits until a problem fits. Called at most once for each problem (asserted).
  Turn take();

 private:
  struct Waiting {
    std::uint64_t bytes;
    std::size_t problem;
    // Largest first.
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
