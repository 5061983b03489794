#include "xmr-serve/connections.hpp"

#include <algorithm>
#include <utility>

#include <sys/socket.h>

namespace xmr::tools {

Connections::Admission Connections::admit(std::string_view address) const {
  const std::lock_guard lock(mutex_);
  if (by_socket_.size() >= limits_.all) return Admission::too_many;
  if (address.empty()) return Admission::welcome;
  const auto found = by_address_.find(std::string(address));
  return found != by_address_.end() && found->second >= limits_.by_address ? Admission::too_many_of_address
                                                                           : Admission::welcome;
}

unsigned Connections::open(int socket, std::string address) {
  close(socket);  // if its thread could not take it
  const std::lock_guard lock(mutex_);
  const auto thread = static_cast<unsigned>(std::ranges::min_element(of_thread_) - of_thread_.begin());
  ++of_thread_[thread];
  if (!address.empty()) ++by_address_[address];
  by_socket_.emplace(socket, std::make_unique<Connection>(std::move(address), thread));
  state_.connections.fetch_add(1, std::memory_order_relaxed);
  state_.accepted.fetch_add(1, std::memory_order_relaxed);
  return thread;
}

Connection* Connections::of(int socket) {
  const std::lock_guard lock(mutex_);
  const auto found = by_socket_.find(socket);
  return found == by_socket_.end() ? nullptr : found->second.get();
}

void Connections::close(int socket) {
  const std::lock_guard lock(mutex_);
  const auto found = by_socket_.find(socket);
  if (found == by_socket_.end()) return;
  const Connection& connection = *found->second;
  --of_thread_[connection.thread];
  const auto from = by_address_.find(connection.address);
  if (from != by_address_.end() && --from->second == 0) by_address_.erase(from);
  by_socket_.erase(found);
  state_.connections.fetch_sub(1, std::memory_order_relaxed);
}

std::size_t Connections::size() const {
  const std::lock_guard lock(mutex_);
  return by_socket_.size();
}

bool Connections::is_slow(const Connection& connection, Connection::Clock::time_point now) const {
  const auto waited = now - Connection::Clock::time_point(Connection::Clock::duration(connection.since.load()));
  switch (connection.phase.load()) {
    case Phase::opened:
    case Phase::reading:
      return waited > limits_.request;
    case Phase::working:
      return false;
    case Phase::answering:
    case Phase::idle:
      return waited > limits_.idle;
  }
  return false;
}

namespace {

// Returns true if the client has closed its side and everything that it sent was read. The event loop of libmicrohttpd
// does not see the end if it came together with a request.
bool is_left(int socket, const Connection& connection) {
  const Phase phase = connection.phase;
  char byte = 0;
  return (phase == Phase::opened || phase == Phase::reading || phase == Phase::idle) &&
         recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

}  // namespace

void Connections::end_slow_ones(Connection::Clock::time_point now, std::string_view reply) {
  const std::lock_guard lock(mutex_);
  for (const auto& [socket, connection] : by_socket_) {
    if (connection->is_ended) continue;
    const bool slow = is_slow(*connection, now);
    if (!slow && !is_left(socket, *connection)) continue;
    if (slow && connection->phase == Phase::reading)
      send(socket, reply.data(), reply.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    shutdown(socket, SHUT_RDWR);
    connection->is_ended = true;
    if (slow) state_.timed_out.fetch_add(1, std::memory_order_relaxed);
  }
}

void Connections::end_idle_ones() {
  const std::lock_guard lock(mutex_);
  for (const auto& [socket, connection] : by_socket_) {
    const Phase phase = connection->phase;
    if (connection->is_ended || (phase != Phase::idle && phase != Phase::opened)) continue;
    shutdown(socket, SHUT_RD);
    connection->is_ended = true;
  }
}

}  // namespace xmr::tools
