#pragma once
// The open connections: how many there are, from where, and how long each one has waited for its client.
//
//   connections.open(socket, address, thread);      // the thread that accepts
//   Connection& mine = connections.of(socket);      // the thread that serves it
//   connections.close(socket);                      // the same, before it closes the socket
//   connections.end_slow_ones(now);                 // the thread that accepts, a few times a second
//
// Thread rule: any thread; a Connection belongs to the thread that serves it, except since and phase. Each call takes a
// lock: calls are for each connection, not for each request.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "xmr/serve/api.hpp"

namespace xmr::tools {

// The state of a connection. Only the phases have a limit of time in which the server waits for the client.
enum class Phase : std::uint8_t {
  opened,     // no request has begun
  reading,    // headers or body of a request are missing
  working,    // the server works
  answering,  // the client takes the answer
  idle,       // between two requests
};

struct Connection {
  using Clock = std::chrono::steady_clock;

  Connection(std::string from, unsigned by) : address(std::move(from)), thread(by) {}
  void enter(Phase next, Clock::time_point now) {
    since.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    phase.store(next, std::memory_order_relaxed);
  }

  const std::string address;  // empty: a Unix socket
  const unsigned thread;
  std::atomic<Clock::rep> since = Clock::now().time_since_epoch().count();
  std::atomic<Phase> phase = Phase::opened;
  bool is_ended = false;  // by end_slow_ones() or end_idle_ones()

  // The request.
  std::string target, body;
  bool has_begun = false;     // its headers were looked at
  bool is_too_large = false;  // its body
  serve::HttpReply reply;
};

struct ConnectionLimits {
  std::uint32_t all = 512, by_address = 128;
  std::chrono::seconds request{10};  // to send a request
  std::chrono::seconds idle{60};     // between two requests, and to take an answer
};

class Connections {
 public:
  Connections(const ConnectionLimits& limits, unsigned threads, serve::ServerState& state)
      : limits_(limits), state_(state), of_thread_(threads) {}

  enum class Admission { welcome, too_many, too_many_of_address };
  Admission admit(std::string_view address) const;
  // Returns the thread with the fewest connections, to which the new one belongs.
  unsigned open(int socket, std::string address);
  // Returns null if the socket was not opened.
  Connection* of(int socket);
  void close(int socket);
  std::size_t size() const;

  // Shuts the sockets of clients that were too slow, or that have closed their side; their threads then close them. A
  // slow client whose request has begun gets `reply` first.
  void end_slow_ones(Connection::Clock::time_point now, std::string_view reply);
  // Shuts the reading side of connections without a request.
  void end_idle_ones();

 private:
  bool is_slow(const Connection& connection, Connection::Clock::time_point now) const;

  const ConnectionLimits limits_;
  serve::ServerState& state_;
  mutable std::mutex mutex_;
  std::unordered_map<int, std::unique_ptr<Connection>> by_socket_;
  std::unordered_map<std::string, std::uint32_t> by_address_;
  std::vector<std::uint32_t> of_thread_;  // [thread]: connections
};

}  // namespace xmr::tools
