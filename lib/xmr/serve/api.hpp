#pragma once
// The routes of the server. One table holds method, path, text and function of each route; requests are routed by it,
// and /openapi.json describes it.
//
//   Api api(models, {.page = files}, state);
//   api.answer({.method = "GET", .target = "/v1/rank?q=web+browser"}, thread, reply);   // never throws an Error
//
// The answers of /v1/rank and /v1/complete are the JSON lines of xmr-predict --format jsonl. Cost beside the ranking:
// some microseconds; no lock. Thread rule: answer() and refuse() from any thread, one call at a time for each number of
// a thread.

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/serve/http.hpp"
#include "xmr/serve/metrics.hpp"
#include "xmr/serve/rank_call.hpp"
#include "xmr/serve/request_error.hpp"
#include "xmr/serve/served_models.hpp"

namespace xmr::serve {

// A file that is served unchanged.
struct PageFile {
  std::string_view path, content_type, content;  // in static memory
};

// Figures of the whole server. Thread rule: any thread.
struct ServerState {
  std::atomic<bool> draining = false;
  std::atomic<std::uint64_t> connections = 0;      // open
  std::atomic<std::uint64_t> accepted = 0;         // in all
  std::atomic<std::uint64_t> refused = 0;          // beyond the limit of all connections
  std::atomic<std::uint64_t> refused_address = 0;  // beyond the limit of an address
  std::atomic<std::uint64_t> timed_out = 0;        // closed, because client was slow or idle
  std::atomic<std::uint64_t> lost_log_lines = 0;   // because their reader was slow
};

struct ApiOptions {
  RankLimits limits = {};
  std::vector<PageFile> page = {};
};

class Api {
 public:
  // The objects must outlive it.
  Api(ServedModels& models, ApiOptions options, const ServerState& state);

  // Answers a request and counts it. Returns the name of the route, "GET /v1/rank"; "other" if no route fits.
  std::string_view answer(const HttpRequest& request, unsigned thread, HttpReply& reply);
  // Answers with an error that was found before the request was complete, and counts it. Returns "other".
  std::string_view refuse(const RequestError& error, unsigned thread, HttpReply& reply);

  bool is_draining() const { return state_.draining.load(std::memory_order_relaxed); }
  // The description of all routes for OpenAPI 3.0, as JSON.
  const std::string& openapi() const { return openapi_; }

 private:
  struct Call {
    const HttpRequest& request;
    std::string_view query;  // of the URL
    unsigned thread;
    HttpReply& reply;
  };
  struct Route {
    std::string_view method, path, summary;
    void (Api::*answer)(const Call& call);
    std::string_view content_type = "application/json";
  };
  static std::span<const Route> routes();

  std::size_t find(std::string_view method, std::string_view path) const;
  std::string methods_of(std::string_view path) const;
  void rank(const Call& call);
  void rank_many(const Call& call);
  void complete(const Call& call);
  void list_models(const Call& call);
  void tell_health(const Call& call);
  void tell_readiness(const Call& call);
  void tell_metrics(const Call& call);
  void tell_openapi(const Call& call);

  enum class Form { line, array };
  void rank(const RankCall& ranked, Form form, bool must_complete, const Call& call);
  std::size_t model_of(const RankCall& ranked, bool must_complete, const ServedModels::Visit& visit) const;
  std::string describe_routes() const;

  ServedModels& models_;
  ApiOptions options_;
  const ServerState& state_;
  std::vector<std::string> route_names_;  // of routes(), then of the page, then "other"
  Metrics metrics_;
  std::string openapi_;
};

}  // namespace xmr::serve
