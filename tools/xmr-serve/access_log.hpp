#pragma once
// The log of the server: one line of JSON for each request.
//
//   AccessLog log("access.jsonl", threads, state);
//   log.of_thread(0).add(line);
//
// Each thread has a ring of kRingBytes; a thread of the log writes the rings to the file, five times a second and at
// the end. If a ring is full, because the reader of the file is slow, lines are lost and counted: no request waits.
// Errors: IoError if the file cannot be opened. Thread rule: a ring is filled by one thread; reopen() from any thread.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "xmr/serve/api.hpp"

namespace xmr::tools {

// Bytes from one thread to another. Thread rule: one thread adds, another one takes.
class LogRing {
 public:
  static constexpr std::size_t kRingBytes = std::size_t{1} << 20;

  LogRing() : bytes_(kRingBytes) {}
  // Adds a line; false: there is no room.
  bool add(std::string_view line);
  // Moves everything to `out`.
  void take(std::string& out);

 private:
  std::vector<char> bytes_;
  std::atomic<std::uint64_t> added_ = 0, taken_ = 0;  // in all
};

class AccessLog {
 public:
  // "-" is stdout.
  AccessLog(std::string path, unsigned threads, serve::ServerState& state);
  ~AccessLog();
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  // Adds a line of a thread of the server.
  void add(unsigned thread, std::string_view line);
  // Opens the file anew, after it was renamed by another program.
  void reopen() { reopens_ = true; }

 private:
  void write_rings();
  void run();

  std::string path_;
  serve::ServerState& state_;
  int file_;
  std::deque<LogRing> rings_;
  std::string buffer_;
  std::atomic<bool> reopens_ = false;
  std::mutex mutex_;  // of ends_
  std::condition_variable wakes_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace xmr::tools
