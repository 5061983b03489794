#pragma once
// The figures of the server: requests by route and code, their times, queries by model.
//
//   ThreadMetrics& mine = metrics.of_thread(0);
//   mine.count(route, 200, seconds);
//   metrics.append_to(text, routes, models);   // Prometheus's text format, version 0.0.4
//
// Cost: some additions a request, without a lock. Thread rule: a ThreadMetrics is written by one thread; the sums from
// any thread.

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xmr::serve {

// The upper ends of the buckets of the histogram, in microseconds.
inline constexpr std::array<std::uint32_t, 14> kBuckets = {25,   50,   100,   200,   400,    800,    1600,
                                                           3200, 6400, 12800, 25600, 102400, 409600, 1638400};
// All statuses that a reply may have.
inline constexpr std::array<int, 12> kStatuses = {200, 400, 404, 405, 408, 413, 414, 415, 422, 431, 500, 503};

class ThreadMetrics {
 public:
  ThreadMetrics(std::size_t routes, std::size_t models) : routes_(routes), queries_(models) {}

  void count(std::size_t route, int status, double seconds);
  void count_queries(std::size_t model, std::uint64_t queries) { add(queries_[model], queries); }

 private:
  friend class Metrics;
  using Counter = std::atomic<std::uint64_t>;
  struct Route {
    std::array<Counter, kStatuses.size()> by_status{};
    std::array<Counter, kBuckets.size() + 1> by_time{};
    Counter nanoseconds = 0;
  };
  // A single thread adds.
  static void add(Counter& counter, std::uint64_t more) {
    counter.store(counter.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }

  std::vector<Route> routes_;
  std::vector<Counter> queries_;
};

class Metrics {
 public:
  Metrics(std::size_t routes, std::size_t models, unsigned threads);

  ThreadMetrics& of_thread(unsigned thread) { return threads_[thread]; }
  // Appends the sums over all threads. `routes` and `models`: their names.
  void append_to(std::string& text, std::span<const std::string_view> routes,
                 std::span<const std::string> models) const;

 private:
  std::deque<ThreadMetrics> threads_;
};

// Appends the lines that introduce a metric. `type`: counter, gauge or histogram.
void append_metric_head(std::string& text, std::string_view name, std::string_view type, std::string_view help);
// Returns a value of a label, escaped.
std::string metric_label(std::string_view value);
// Appends memory, open files and start of this process.
void append_process_metrics(std::string& text);

}  // namespace xmr::serve
