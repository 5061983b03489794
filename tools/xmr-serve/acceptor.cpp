#include "xmr-serve/acceptor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "xmr/serve/request_error.hpp"

#include "common/signals.hpp"

namespace xmr::tools {
namespace {

constexpr std::chrono::milliseconds kSweep(250);
constexpr std::chrono::seconds kRefusedTime(1);
constexpr std::size_t kMaxRefused = 64;  // that stay open
constexpr int kAtOnce = 64;              // connections of a listener

// Returns a whole reply of HTTP, for clients that get no event loop.
std::string raw_reply(serve::ErrorCode code, std::string_view message, std::string_view hint) {
  const serve::ErrorMeaning& meaning = serve::meaning_of(code);
  const std::string body = serve::error_json(code, message, hint);
  return fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nRetry-After: 1\r\nConnection: "
      "close\r\n\r\n{}",
      meaning.status, meaning.name, body.size(), body);
}

// Returns the address of a client without its port; empty for a Unix socket.
std::string address_of(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.ss_family == AF_INET)
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof text);
  if (address.ss_family == AF_INET6)
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, text, sizeof text);
  return text;
}

}  // namespace

Acceptor::~Acceptor() {
  for (const Refused& refused : refused_)
    close(refused.socket);
}

void Acceptor::run(const std::function<void()>& tick) {
  while (!interrupted()) {
    wait(kSweep);
    if (Clock::now() < next_sweep_) continue;
    next_sweep_ = Clock::now() + kSweep;
    sweep();
    tick();
  }
}

std::size_t Acceptor::drain(std::chrono::seconds limit) {
  state_.draining = true;
  listeners_.close_all();
  const Clock::time_point end = Clock::now() + limit;
  while (connections_.size() > 0 && Clock::now() < end) {
    connections_.end_idle_ones();
    wait(std::chrono::milliseconds(20));
    sweep();
  }
  return connections_.size();
}

void Acceptor::wait(std::chrono::milliseconds time) {
  std::vector<pollfd> polled;
  for (const int socket : listeners_.sockets())
    polled.push_back({socket, POLLIN, 0});
  sigset_t none;
  sigemptyset(&none);  // signals come while the thread waits, and at no other time
  const timespec limit = {time.count() / 1000, time.count() % 1000 * 1'000'000};
  if (ppoll(polled.data(), polled.size(), &limit, &none) <= 0) return;
  for (const pollfd& ready : polled)
    if (ready.revents != 0) accept_some(ready.fd);
}

void Acceptor::accept_some(int listener) {
  for (int i = 0; i < kAtOnce; ++i) {
    sockaddr_storage address = {};
    socklen_t size = sizeof address;
    const int socket = accept4(listener, reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) {
      // No descriptor or memory is left: the client waits in the queue of the listener.
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      return;
    }
    std::string from = address_of(address);
    switch (connections_.admit(from)) {
      case Connections::Admission::too_many:
        state_.refused.fetch_add(1);
        refuse(socket, "all connections are in use", "try again in a second, or raise --max-connections");
        continue;
      case Connections::Admission::too_many_of_address:
        state_.refused_address.fetch_add(1);
        refuse(socket, "too many connections come from this address",
               "use fewer, or raise --max-connections-per-address");
        continue;
      case Connections::Admission::welcome:
        break;
    }
    if (!from.empty()) {
      const int yes = 1;
      setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    }
    const unsigned thread = connections_.open(socket, std::move(from));
    threads_.take(socket, address, size, thread);
  }
}

void Acceptor::refuse(int socket, std::string_view message, std::string_view hint) {
  const std::string reply = raw_reply(serve::ErrorCode::overloaded, message, hint);
  send(socket, reply.data(), reply.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  shutdown(socket, SHUT_WR);
  if (refused_.size() == kMaxRefused) {
    close(refused_.front().socket);
    refused_.erase(refused_.begin());
  }
  refused_.push_back({socket, Clock::now()});
}

void Acceptor::sweep() {
  static const std::string slow = raw_reply(serve::ErrorCode::slow_request, "the request did not arrive in time",
                                            "send it faster, or raise --request-seconds");
  const Clock::time_point now = Clock::now();
  connections_.end_slow_ones(now, slow);
  std::erase_if(refused_, [now](const Refused& refused) {
    std::array<char, 4096> ignored;
    while (recv(refused.socket, ignored.data(), ignored.size(), MSG_DONTWAIT) > 0) {
    }
    if (now - refused.since < kRefusedTime) return false;
    close(refused.socket);
    return true;
  });
}

}  // namespace xmr::tools
