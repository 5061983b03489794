#pragma once
// The threads that serve connections, each with its own event loop of libmicrohttpd and its own sessions of the models.
//
//   HttpThreads threads(api, connections, log, limits, 2);
//   threads.take(socket, address, size, thread);   // a connection; from the thread that accepts
//
// Errors: IoError if a thread cannot start. Thread rule: one thread at a time.

#include <cstdint>
#include <memory>
#include <vector>

#include <sys/socket.h>

#include "xmr/serve/api.hpp"

#include "xmr-serve/access_log.hpp"
#include "xmr-serve/connections.hpp"

namespace xmr::tools {

// In bytes.
struct RequestLimits {
  std::uint64_t body = std::uint64_t{1} << 20, url = std::uint64_t{8} << 10, headers = std::uint64_t{16} << 10;
};

class HttpThread;

class HttpThreads {
 public:
  struct Log {
    AccessLog& lines;
    bool has_queries;  // lines have the text of requests
  };
  HttpThreads(serve::Api& api, Connections& connections, const Log& log, const RequestLimits& limits, unsigned threads);
  // Ends all requests.
  ~HttpThreads();
  HttpThreads(const HttpThreads&) = delete;
  HttpThreads& operator=(const HttpThreads&) = delete;

  // Gives a connection to a thread. The socket then belongs to it.
  void take(int socket, const sockaddr_storage& address, socklen_t size, unsigned thread);

 private:
  Connections& connections_;
  std::vector<std::unique_ptr<HttpThread>> threads_;
};

}  // namespace xmr::tools
