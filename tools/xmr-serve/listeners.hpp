#pragma once
// The listening sockets of the server: a network address, a Unix socket, or sockets from systemd (sd_listen_fds(3)).
//
//   Listeners listeners({.host = "127.0.0.1", .port = 8080});
//   listeners.names();      // {"http://127.0.0.1:8080/"}
//
// Errors: IoError; ConfigError if the host is unknown. Thread rule: one thread at a time.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace xmr::tools {

struct ListenOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: any free one
  std::string unix_path;      // not empty: a Unix socket in place of host and port
};

class Listeners {
 public:
  // If systemd has passed sockets, takes these and ignores `options`.
  explicit Listeners(const ListenOptions& options);
  // Closes the sockets and removes the Unix socket that it has made.
  ~Listeners();
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;

  // Closes the sockets: no client can connect then.
  void close_all();

  // Non-blocking.
  std::span<const int> sockets() const { return sockets_; }
  // The addresses, as URLs or "unix:PATH".
  const std::vector<std::string>& names() const { return names_; }

 private:
  void take_from_systemd();
  void listen_on_network(const ListenOptions& options);
  void listen_on_unix(const std::string& path);
  void add(int socket);

  std::vector<int> sockets_;
  std::vector<std::string> names_;
  std::string made_;  // path of the Unix socket
};

}  // namespace xmr::tools
