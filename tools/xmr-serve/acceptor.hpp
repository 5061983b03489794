#pragma once
// The main loop of the server: accepts connections within the limits, ends slow connections, looks for replaced models,
// and drains when the process is asked to end.
//
//   Acceptor(listeners, connections, threads, models, state, notes).run();   // until SIGTERM or SIGINT
//
// Thread rule: the main thread, which alone takes signals.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/serve/served_models.hpp"

#include "xmr-serve/connections.hpp"
#include "xmr-serve/http_threads.hpp"
#include "xmr-serve/listeners.hpp"

namespace xmr::tools {

class Acceptor {
 public:
  Acceptor(Listeners& listeners, Connections& connections, HttpThreads& threads, serve::ServerState& state)
      : listeners_(listeners), connections_(connections), threads_(threads), state_(state) {}
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  // Accepts until a signal comes. `tick` is called several times a second.
  void run(const std::function<void()>& tick);
  // Refuses new requests and waits until all connections are closed, at most `limit`. Returns the number of connections
  // that remain.
  std::size_t drain(std::chrono::seconds limit);

 private:
  using Clock = Connection::Clock;
  // A socket that was refused. It stays open for a second, so that its client reads why.
  struct Refused {
    int socket;
    Clock::time_point since;
  };
  // Waits for connections and signals.
  void wait(std::chrono::milliseconds time);
  void accept_some(int listener);
  void refuse(int socket, std::string_view message, std::string_view hint);
  void sweep();

  Listeners& listeners_;
  Connections& connections_;
  HttpThreads& threads_;
  serve::ServerState& state_;
  std::vector<Refused> refused_;
  Clock::time_point next_sweep_ = {};
};

}  // namespace xmr::tools
