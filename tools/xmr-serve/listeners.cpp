#include "xmr-serve/listeners.hpp"

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr::tools {
namespace {

constexpr int kBacklog = 1024;

// Closes a descriptor unless it was released.
class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return descriptor_; }
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

// The number of an environment variable; 0: it is absent.
long number_of(const char* variable) {
  const char* const text = std::getenv(variable);
  if (text == nullptr) return 0;
  long value = 0;
  std::from_chars(text, text + std::strlen(text), value);
  return value;
}

std::string name_of(const sockaddr_storage& address, socklen_t size) {
  if (address.ss_family == AF_UNIX) {
    const auto& local = reinterpret_cast<const sockaddr_un&>(address);
    return size > offsetof(sockaddr_un, sun_path) ? fmt::format("unix:{}", local.sun_path) : "unix:";
  }
  char host[NI_MAXHOST] = {}, port[NI_MAXSERV] = {};
  getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host, sizeof host, port, sizeof port,
              NI_NUMERICHOST | NI_NUMERICSERV);
  return address.ss_family == AF_INET6 ? fmt::format("http://[{}]:{}/", host, port)
                                       : fmt::format("http://{}:{}/", host, port);
}

// Returns true if a server listens at the Unix socket.
bool is_in_use(const sockaddr_un& address) {
  const Socket probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

Listeners::Listeners(const ListenOptions& options) {
  take_from_systemd();
  if (!sockets_.empty()) return;
  if (options.unix_path.empty())
    listen_on_network(options);
  else
    listen_on_unix(options.unix_path);
}

Listeners::~Listeners() {
  close_all();
}

void Listeners::close_all() {
  for (const int socket : sockets_)
    close(socket);
  sockets_.clear();
  if (!made_.empty()) unlink(made_.c_str());
  made_.clear();
}

void Listeners::add(int socket) {
  sockaddr_storage address = {};
  socklen_t size = sizeof address;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) throw IoError("socket", "look at", errno);
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
  fcntl(socket, F_SETFD, FD_CLOEXEC);
  sockets_.push_back(socket);
  names_.push_back(name_of(address, size));
}

void Listeners::take_from_systemd() {
  constexpr int kFirst = 3;
  if (number_of("LISTEN_PID") != getpid()) return;
  const long count = number_of("LISTEN_FDS");
  for (int i = 0; i < count; ++i)
    add(kFirst + i);
}

void Listeners::listen_on_network(const ListenOptions& options) {
  addrinfo wanted = {};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = fmt::format("{}", options.port);
  if (const int fault = getaddrinfo(options.host.c_str(), port.c_str(), &wanted, &found); fault != 0)
    throw ConfigError(fmt::format("--host: {}: {}", quote(options.host), gai_strerror(fault)),
                      "--host 127.0.0.1 serves this machine, --host 0.0.0.0 all machines");
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, freeaddrinfo);
  Socket listener(socket(addresses->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const std::string name = fmt::format("{}:{}", options.host, options.port);
  if (listener.get() < 0) throw IoError(name, "open a socket for", errno);
  const int yes = 1;
  setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener.get(), addresses->ai_addr, addresses->ai_addrlen) != 0 || listen(listener.get(), kBacklog) != 0)
    throw IoError(name, "listen", errno, errno == EADDRINUSE ? "--port 0 takes any free port" : "");
  add(listener.release());
}

void Listeners::listen_on_unix(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    throw ConfigError(
        fmt::format("--unix: the path has {} bytes, at most {} are allowed", path.size(), sizeof address.sun_path - 1));
  std::memcpy(address.sun_path, path.data(), path.size());
  struct stat status = {};
  if (stat(path.c_str(), &status) == 0) {
    if (!S_ISSOCK(status.st_mode) || is_in_use(address)) throw IoError(path, "listen", EADDRINUSE);
    unlink(path.c_str());  // of a server that was killed
  }
  Socket listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (listener.get() < 0 || bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw IoError(path, "listen", errno);
  made_ = path;
  if (listen(listener.get(), kBacklog) != 0) throw IoError(path, "listen", errno);
  add(listener.release());
}

}  // namespace xmr::tools
