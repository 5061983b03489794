#include "xmr/serve/metrics.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

namespace xmr::serve {
namespace {

// Bytes of resident memory, from /proc/self/statm; 0 if it cannot be read.
std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t pages = 0, resident = 0;
  if (!(file >> pages >> resident)) return 0;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::ptrdiff_t open_files() {
  std::error_code fault;
  std::filesystem::directory_iterator files("/proc/self/fd", fault);
  return fault ? 0 : std::distance(files, {}) - 1;  // without the folder itself
}

}  // namespace

void ThreadMetrics::count(std::size_t route, int status, double seconds) {
  Route& of = routes_[route];
  const auto at = std::ranges::find(kStatuses, status);
  if (at != kStatuses.end()) add(of.by_status[static_cast<std::size_t>(at - kStatuses.begin())], 1);
  const auto bucket = std::ranges::lower_bound(kBuckets, seconds * 1e6);
  add(of.by_time[static_cast<std::size_t>(bucket - kBuckets.begin())], 1);
  add(of.nanoseconds, static_cast<std::uint64_t>(seconds * 1e9));
}

Metrics::Metrics(std::size_t routes, std::size_t models, unsigned threads) {
  for (unsigned thread = 0; thread < threads; ++thread)
    threads_.emplace_back(routes, models);
}

void Metrics::append_to(std::string& text, std::span<const std::string_view> routes,
                        std::span<const std::string> models) const {
  const auto sum = [this](const auto& counter) {
    std::uint64_t total = 0;
    for (const ThreadMetrics& thread : threads_)
      total += counter(thread).load(std::memory_order_relaxed);
    return total;
  };
  const auto append = std::back_inserter(text);
  append_metric_head(text, "xmr_requests_total", "counter", "Requests by route and status.");
  for (std::size_t route = 0; route < routes.size(); ++route)
    for (std::size_t i = 0; i < kStatuses.size(); ++i) {
      const std::uint64_t count = sum([&](const ThreadMetrics& t) -> auto& { return t.routes_[route].by_status[i]; });
      if (count > 0)
        fmt::format_to(append, "xmr_requests_total{{route=\"{}\",code=\"{}\"}} {}\n", routes[route], kStatuses[i],
                       count);
    }
  append_metric_head(text, "xmr_request_seconds", "histogram",
                     "Time from the whole request to its reply, without sending.");
  for (std::size_t route = 0; route < routes.size(); ++route) {
    std::uint64_t total = 0;
    std::string buckets;
    for (std::size_t i = 0; i <= kBuckets.size(); ++i) {
      total += sum([&](const ThreadMetrics& t) -> auto& { return t.routes_[route].by_time[i]; });
      const std::string end = i == kBuckets.size() ? "+Inf" : fmt::format("{}", kBuckets[i] / 1e6);
      fmt::format_to(std::back_inserter(buckets), "xmr_request_seconds_bucket{{route=\"{}\",le=\"{}\"}} {}\n",
                     routes[route], end, total);
    }
    if (total == 0) continue;
    const std::uint64_t nanoseconds =
        sum([&](const ThreadMetrics& t) -> auto& { return t.routes_[route].nanoseconds; });
    fmt::format_to(append,
                   "{}xmr_request_seconds_sum{{route=\"{}\"}} {}\nxmr_request_seconds_count{{route=\"{}\"}} {}\n",
                   buckets, routes[route], static_cast<double>(nanoseconds) / 1e9, routes[route], total);
  }
  append_metric_head(text, "xmr_queries_total", "counter", "Queries that a model has answered.");
  for (std::size_t model = 0; model < models.size(); ++model)
    fmt::format_to(append, "xmr_queries_total{{model=\"{}\"}} {}\n", metric_label(models[model]),
                   sum([&](const ThreadMetrics& t) -> auto& { return t.queries_[model]; }));
}

void append_metric_head(std::string& text, std::string_view name, std::string_view type, std::string_view help) {
  fmt::format_to(std::back_inserter(text), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

std::string metric_label(std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (c == '\\' || c == '"') escaped += '\\';
    if (c == '\n')
      escaped += "\\n";
    else
      escaped += c;
  }
  return escaped;
}

void append_process_metrics(std::string& text) {
  append_metric_head(text, "process_resident_memory_bytes", "gauge",
                     "Resident memory, with the pages of mapped models.");
  fmt::format_to(std::back_inserter(text), "process_resident_memory_bytes {}\n", resident_bytes());
  append_metric_head(text, "process_open_fds", "gauge", "Open file descriptors.");
  fmt::format_to(std::back_inserter(text), "process_open_fds {}\n", open_files());
}

}  // namespace xmr::serve
