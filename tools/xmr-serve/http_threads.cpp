#include "xmr-serve/http_threads.hpp"

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <ctime>
#include <exception>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <microhttpd.h>

#include "xmr/serve/request_error.hpp"
#include "xmr/sparse/predictions.hpp"
#include "xmr/util/error.hpp"

namespace xmr::tools {
namespace {

using serve::ErrorCode;
using serve::HttpReply;
using serve::RequestError;
using Clock = Connection::Clock;

constexpr std::size_t kLoggedBytes = 4096;                 // of a request
constexpr std::size_t kKeptBytes = std::size_t{64} << 10;  // of memory, for the next request of a connection

// The headers of a request that matter.
struct Headers {
  std::size_t lengths = 0, encodings = 0, hosts = 0;
  std::string_view length, content_type;
};

MHD_Result look_at_header(void* to, MHD_ValueKind /*kind*/, const char* name, const char* value) {
  Headers& headers = *static_cast<Headers*>(to);
  if (value == nullptr) return MHD_YES;
  if (strcasecmp(name, "content-length") == 0) {
    ++headers.lengths;
    headers.length = value;
  }
  if (strcasecmp(name, "transfer-encoding") == 0) ++headers.encodings;
  if (strcasecmp(name, "host") == 0) ++headers.hosts;
  if (strcasecmp(name, "content-type") == 0) headers.content_type = value;
  return MHD_YES;
}

Headers headers_of(MHD_Connection* connection) {
  Headers headers;
  MHD_get_connection_values(connection, MHD_HEADER_KIND, look_at_header, &headers);
  return headers;
}

// Returns the error of a request whose headers are complete, if there is one.
std::optional<RequestError> fault_of(MHD_Connection* connection, const std::string& target,
                                     const RequestLimits& limits) {
  if (target.size() > limits.url)
    return RequestError(ErrorCode::long_url,
                        fmt::format("path and query have {} bytes, allowed are {}", target.size(), limits.url),
                        "POST /v1/rank takes the query in its body");
  const MHD_ConnectionInfo* const size = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  if (size != nullptr && size->header_size > limits.headers)
    return RequestError(ErrorCode::large_headers,
                        fmt::format("the headers have {} bytes, allowed are {}", size->header_size, limits.headers));
  const Headers headers = headers_of(connection);
  if (headers.lengths > 1 || headers.encodings > 1 || headers.hosts > 1 ||
      (headers.lengths > 0 && headers.encodings > 0))
    return RequestError(ErrorCode::bad_request, "Content-Length, Transfer-Encoding or Host is repeated or contradicted",
                        "send one Content-Length, or Transfer-Encoding: chunked");
  if (headers.lengths == 1) {
    std::uint64_t length = 0;
    const char* const end = headers.length.data() + headers.length.size();
    const auto [stop, error] = std::from_chars(headers.length.data(), end, length);
    if (error == std::errc::invalid_argument || stop != end)
      return RequestError(ErrorCode::bad_request, "Content-Length is not a number of bytes");
    if (error != std::errc() || length > limits.body)
      return RequestError(ErrorCode::large_body,
                          fmt::format("the body has {} bytes, allowed are {}", headers.length, limits.body),
                          "send fewer queries at once");
  }
  return std::nullopt;
}

// The time of a log line: "2026-12-01T17:45:00.123Z".
void append_time(std::string& line) {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm date = {};
  gmtime_r(&seconds, &date);
  fmt::format_to(std::back_inserter(line), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", date.tm_year + 1900,
                 date.tm_mon + 1, date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec, milliseconds);
}

void shrink(std::string& text) {
  if (text.capacity() > kKeptBytes) std::string().swap(text);
}

}  // namespace

// The event loop of one thread. The callbacks of libmicrohttpd run on it.
class HttpThread {
 public:
  HttpThread(serve::Api& api, Connections& connections, const HttpThreads::Log& log, const RequestLimits& limits,
             unsigned number)
      : api_(api), connections_(connections), log_(log), limits_(limits), number_(number) {
    // The memory of a connection: headers beyond it are refused by libmicrohttpd itself.
    const std::size_t memory = 2 * (limits.url + limits.headers);
    daemon_ = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC, 0, nullptr,
                               nullptr, &HttpThread::on_request, this,                          //
                               MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory,                      //
                               MHD_OPTION_CONNECTION_LIMIT, kMaxConnections,                    //
                               MHD_OPTION_STRICT_FOR_CLIENT, 1,                                 //
                               MHD_OPTION_NOTIFY_CONNECTION, &HttpThread::on_connection, this,  //
                               MHD_OPTION_NOTIFY_COMPLETED, &HttpThread::on_completed, this,    //
                               MHD_OPTION_URI_LOG_CALLBACK, &HttpThread::on_target, this, MHD_OPTION_END);
    if (daemon_ == nullptr) throw IoError("event loop", "start", errno);
  }
  ~HttpThread() { MHD_stop_daemon(daemon_); }
  HttpThread(const HttpThread&) = delete;
  HttpThread& operator=(const HttpThread&) = delete;

  bool take(int socket, const sockaddr_storage& address, socklen_t size) {
    return MHD_add_connection(daemon_, socket, reinterpret_cast<const sockaddr*>(&address), size) == MHD_YES;
  }

 private:
  static constexpr unsigned kMaxConnections = 1 << 20;  // Connections has the limits

  static void on_connection(void* self, MHD_Connection* connection, void** context,
                            MHD_ConnectionNotificationCode code) {
    Connections& all = static_cast<HttpThread*>(self)->connections_;
    const int socket = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
      *context = all.of(socket);
    else
      all.close(socket);
  }

  // The request line has come.
  static void* on_target(void* /*self*/, const char* target, MHD_Connection* connection) {
    const auto* const info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    auto* const mine = static_cast<Connection*>(info->socket_context);
    if (mine == nullptr) return nullptr;
    try {
      mine->target = target;
    } catch (const std::exception&) {
      return nullptr;
    }
    mine->body.clear();
    mine->has_begun = mine->is_too_large = false;
    mine->enter(Phase::reading, Clock::now());
    return mine;
  }

  static void on_completed(void* /*self*/, MHD_Connection* /*connection*/, void** request,
                           MHD_RequestTerminationCode /*code*/) {
    auto* const mine = static_cast<Connection*>(*request);
    if (mine == nullptr) return;
    shrink(mine->body);
    shrink(mine->reply.body);
    mine->enter(Phase::idle, Clock::now());
  }

  static MHD_Result on_request(void* self, MHD_Connection* connection, const char* /*url*/, const char* method,
                               const char* /*version*/, const char* upload, std::size_t* upload_size, void** request) {
    auto* const mine = static_cast<Connection*>(*request);
    if (mine == nullptr) return MHD_NO;
    try {
      return static_cast<HttpThread*>(self)->serve(connection, *mine, method, {upload, *upload_size}, upload_size);
    } catch (const std::exception&) {  // no memory: the connection is closed
      return MHD_NO;
    }
  }

  // Called when the headers are complete, for each piece of the body, and at the end.
  MHD_Result serve(MHD_Connection* connection, Connection& mine, std::string_view method, std::string_view piece,
                   std::size_t* piece_size) {
    if (!mine.has_begun) {
      mine.has_begun = true;
      if (const auto fault = fault_of(connection, mine.target, limits_)) return refuse(connection, mine, *fault);
      return MHD_YES;
    }
    if (!piece.empty()) {
      mine.is_too_large = mine.is_too_large || mine.body.size() + piece.size() > limits_.body;
      if (mine.is_too_large)
        mine.body.clear();
      else
        mine.body += piece;
      *piece_size = 0;
      return MHD_YES;
    }
    if (mine.is_too_large)
      return refuse(connection, mine,
                    RequestError(ErrorCode::large_body, fmt::format("the body has more than {} bytes", limits_.body),
                                 "send fewer queries at once"));
    const Clock::time_point start = Clock::now();
    mine.enter(Phase::working, start);
    const Headers headers = method == "POST" ? headers_of(connection) : Headers();
    const std::string_view route =
        api_.answer({method, mine.target, headers.content_type, mine.body}, number_, mine.reply);
    return send(connection, mine, route, start);
  }

  MHD_Result refuse(MHD_Connection* connection, Connection& mine, const RequestError& error) {
    const Clock::time_point start = Clock::now();
    mine.enter(Phase::working, start);
    return send(connection, mine, api_.refuse(error, number_, mine.reply), start);
  }

  MHD_Result send(MHD_Connection* connection, Connection& mine, std::string_view route, Clock::time_point start) {
    HttpReply& reply = mine.reply;
    const std::string_view content = reply.content();
    // The content is not changed before on_completed().
    MHD_Response* const response =
        MHD_create_response_from_buffer(content.size(), const_cast<char*>(content.data()), MHD_RESPMEM_PERSISTENT);
    if (response == nullptr) return MHD_NO;
    add_headers(response, reply);
    const Clock::time_point now = Clock::now();
    mine.enter(Phase::answering, now);
    const MHD_Result queued = MHD_queue_response(connection, static_cast<unsigned>(reply.status), response);
    MHD_destroy_response(response);
    log(mine, route, std::chrono::duration_cast<std::chrono::microseconds>(now - start).count());
    return queued;
  }

  void add_headers(MHD_Response* response, const HttpReply& reply) {
    const auto add = [&](const char* name, std::string_view value) {
      MHD_add_response_header(response, name, std::string(value).c_str());
    };
    add("Content-Type", reply.content_type);
    if (reply.model_seconds > 0) {
      add("Server-Timing", fmt::format("model;dur={:.3f}", reply.model_seconds * 1e3));
      add("Model-Version", reply.model_version);
    }
    if (!reply.allowed.empty()) add("Allow", reply.allowed);
    if (reply.status == 503) add("Retry-After", "1");
    if (api_.is_draining()) add("Connection", "close");
    if (reply.file.empty()) return;
    add("Cache-Control", "no-cache");
    add("Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    add("X-Content-Type-Options", "nosniff");
    add("Referrer-Policy", "no-referrer");
    // Isolated pages have a clock of microseconds.
    add("Cross-Origin-Opener-Policy", "same-origin");
    add("Cross-Origin-Embedder-Policy", "require-corp");
  }

  void log(const Connection& mine, std::string_view route, std::int64_t microseconds) {
    line_ = R"({"time":")";
    append_time(line_);
    fmt::format_to(std::back_inserter(line_), R"(","route":"{}","code":{},"us":{},"bytes":{})", route,
                   mine.reply.status, microseconds, mine.reply.content().size());
    if (log_.has_queries) {
      line_ += R"(,"request":)";
      append_json_string(line_, std::string_view(mine.target).substr(0, kLoggedBytes));
      if (!mine.body.empty()) {
        line_ += R"(,"body":)";
        append_json_string(line_, std::string_view(mine.body).substr(0, kLoggedBytes));
      }
    }
    line_ += "}\n";
    log_.lines.add(number_, line_);
  }

  serve::Api& api_;
  Connections& connections_;
  HttpThreads::Log log_;
  RequestLimits limits_;
  unsigned number_;
  std::string line_;  // of the log
  MHD_Daemon* daemon_ = nullptr;
};

HttpThreads::HttpThreads(serve::Api& api, Connections& connections, const Log& log, const RequestLimits& limits,
                         unsigned threads)
    : connections_(connections) {
  for (unsigned number = 0; number < threads; ++number)
    threads_.push_back(std::make_unique<HttpThread>(api, connections, log, limits, number));
}

HttpThreads::~HttpThreads() = default;

void HttpThreads::take(int socket, const sockaddr_storage& address, socklen_t size, unsigned thread) {
  if (!threads_[thread]->take(socket, address, size)) connections_.close(socket);  // the socket is closed already
}

}  // namespace xmr::tools
