#include "xmr-serve/access_log.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstddef>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "xmr/util/error.hpp"

namespace xmr::tools {
namespace {

int open_log(const std::string& path) {
  if (path == "-") return STDOUT_FILENO;
  return open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

// Waits up to a second until PIPE_BUF bytes can be written without waiting.
bool is_ready(int file) {
  pollfd polled = {file, POLLOUT, 0};
  return poll(&polled, 1, 1000) == 1;
}

}  // namespace

bool LogRing::add(std::string_view line) {
  const std::uint64_t added = added_.load(std::memory_order_relaxed);
  if (added - taken_.load(std::memory_order_acquire) + line.size() > kRingBytes) return false;
  const std::size_t at = added % kRingBytes, first = std::min(line.size(), kRingBytes - at);
  std::copy_n(line.begin(), first, bytes_.begin() + static_cast<std::ptrdiff_t>(at));
  std::copy(line.begin() + static_cast<std::ptrdiff_t>(first), line.end(), bytes_.begin());
  added_.store(added + line.size(), std::memory_order_release);
  return true;
}

void LogRing::take(std::string& out) {
  const std::uint64_t taken = taken_.load(std::memory_order_relaxed), added = added_.load(std::memory_order_acquire);
  const std::size_t at = taken % kRingBytes, size = added - taken, first = std::min(size, kRingBytes - at);
  out.append(bytes_.data() + at, first).append(bytes_.data(), size - first);
  taken_.store(added, std::memory_order_release);
}

AccessLog::AccessLog(std::string path, unsigned threads, serve::ServerState& state)
    : path_(std::move(path)), state_(state), file_(open_log(path_)), rings_(threads) {
  if (file_ < 0) throw IoError(path_, "open", errno);
  thread_ = std::thread([this] { run(); });
}

AccessLog::~AccessLog() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  wakes_.notify_one();
  thread_.join();
  if (file_ != STDOUT_FILENO) close(file_);
}

void AccessLog::add(unsigned thread, std::string_view line) {
  if (!rings_[thread].add(line)) state_.lost_log_lines.fetch_add(1, std::memory_order_relaxed);
}

void AccessLog::run() {
  constexpr std::chrono::milliseconds kPause(200);
  std::unique_lock lock(mutex_);
  while (!ends_) {
    wakes_.wait_for(lock, kPause, [this] { return ends_; });
    write_rings();
  }
}

void AccessLog::write_rings() {
  if (reopens_.exchange(false) && file_ != STDOUT_FILENO) {
    const int again = open_log(path_);
    if (again >= 0) close(std::exchange(file_, again));
  }
  buffer_.clear();
  for (LogRing& ring : rings_)
    ring.take(buffer_);
  std::string_view rest = buffer_;
  while (!rest.empty() && is_ready(file_)) {
    const ssize_t written = write(file_, rest.data(), std::min<std::size_t>(rest.size(), PIPE_BUF));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  // The disk is full, or the reader of the pipe sleeps: the server goes on.
  state_.lost_log_lines.fetch_add(static_cast<std::uint64_t>(std::ranges::count(rest, '\n')),
                                  std::memory_order_relaxed);
}

}  // namespace xmr::tools
