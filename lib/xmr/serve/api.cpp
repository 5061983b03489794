#include "xmr/serve/api.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <iterator>
#include <new>
#include <utility>

#include <fmt/format.h>

#include "xmr/serve/url.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr::serve {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Runs `action` and turns its errors into RequestError.
template <class Action>
void with_request_errors(const Action& action) {
  try {
    action();
  } catch (const RequestError&) {
    throw;
  } catch (const DataError& error) {
    throw RequestError(ErrorCode::bad_body, error.what(), error.hint());
  } catch (const ConfigError& error) {
    throw RequestError(ErrorCode::unsupported, error.what(), error.hint());
  } catch (const std::bad_alloc&) {
    throw RequestError(ErrorCode::internal, "not enough memory", "ask for less, or try again later");
  } catch (const std::exception& error) {
    throw RequestError(ErrorCode::internal, error.what(), "xmr-inspect verify tells whether the model is damaged");
  }
}

void set_error(const RequestError& error, HttpReply& reply) {
  reply.clear();
  reply.status = meaning_of(error.code()).status;
  reply.body = error_json(error.code(), error.what(), error.hint());
}

}  // namespace

std::span<const Api::Route> Api::routes() {
  static constexpr Route kRoutes[] = {
      {"GET", "/v1/rank", "Ranks the labels for a query", &Api::rank},
      {"POST", "/v1/rank", "Ranks the labels for many queries, texts or features", &Api::rank_many},
      {"GET", "/v1/complete", "Completes a prefix after the previous query", &Api::complete},
      {"GET", "/v1/models", "Lists the models with their cards", &Api::list_models},
      {"GET", "/healthz", "Tells that the process runs", &Api::tell_health},
      {"GET", "/readyz", "Tells whether requests are welcome", &Api::tell_readiness},
      {"GET", "/metrics", "Tells the figures of the server in Prometheus's text format", &Api::tell_metrics,
       "text/plain; version=0.0.4"},
      {"GET", "/openapi.json", "Describes the routes", &Api::tell_openapi},
  };
  return kRoutes;
}

Api::Api(ServedModels& models, ApiOptions options, const ServerState& state)
    : models_(models),
      options_(std::move(options)),
      state_(state),
      metrics_(routes().size() + options_.page.size() + 1, models.size(), models.threads()),
      openapi_(describe_routes()) {
  for (const Route& route : routes())
    route_names_.push_back(fmt::format("{} {}", route.method, route.path));
  for (const PageFile& file : options_.page)
    route_names_.push_back(fmt::format("GET {}", file.path));
  route_names_.emplace_back("other");
}

// Returns the methods of a path, "GET, POST"; empty: no route has it.
std::string Api::methods_of(std::string_view path) const {
  std::string methods;
  for (const Route& route : routes())
    if (route.path == path) methods += fmt::format("{}{}", methods.empty() ? "" : ", ", route.method);
  const bool is_file = std::ranges::find(options_.page, path, &PageFile::path) != options_.page.end();
  return is_file ? "GET" : methods;
}

// Returns the index of a route in route_names_. Throws RequestError for an unknown route.
std::size_t Api::find(std::string_view method, std::string_view path) const {
  const auto route =
      std::ranges::find_if(routes(), [&](const Route& known) { return known.path == path && known.method == method; });
  if (route != routes().end()) return static_cast<std::size_t>(route - routes().begin());
  const auto file = std::ranges::find(options_.page, path, &PageFile::path);
  if (file != options_.page.end() && method == "GET")
    return routes().size() + static_cast<std::size_t>(file - options_.page.begin());
  const std::string methods = methods_of(path);
  if (methods.empty())
    throw RequestError(ErrorCode::unknown_path, fmt::format("{} is not a route", quote(path)),
                       "GET /openapi.json lists the routes");
  throw RequestError(ErrorCode::unknown_method,
                     fmt::format("{}: {} is not a method of this route", path, quote(method)),
                     "allowed are " + methods);
}

std::string_view Api::answer(const HttpRequest& request, unsigned thread, HttpReply& reply) {
  const Clock::time_point start = Clock::now();
  std::size_t route = route_names_.size() - 1;
  reply.clear();
  try {
    const UrlTarget target = split_target(request.target);
    route = find(request.method == "HEAD" ? "GET" : request.method, target.path);
    const Call call{request, target.query, thread, reply};
    if (route < routes().size()) {
      reply.content_type = routes()[route].content_type;
      with_request_errors([&] { (this->*routes()[route].answer)(call); });
    } else {
      const PageFile& file = options_.page[route - routes().size()];
      reply.content_type = file.content_type;
      reply.file = file.content;
    }
  } catch (const RequestError& error) {
    set_error(error, reply);
    if (error.code() == ErrorCode::unknown_method) reply.allowed = methods_of(split_target(request.target).path);
  }
  metrics_.of_thread(thread).count(route, reply.status, seconds_since(start));
  return route_names_[route];
}

std::string_view Api::refuse(const RequestError& error, unsigned thread, HttpReply& reply) {
  set_error(error, reply);
  metrics_.of_thread(thread).count(route_names_.size() - 1, reply.status, 0);
  return route_names_.back();
}

void Api::rank(const Call& call) {
  rank(rank_call_of_url(call.query, options_.limits), Form::line, false, call);
}

void Api::rank_many(const Call& call) {
  std::string_view type = call.request.content_type;
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' '))
    type.remove_suffix(1);
  if (type != "application/json")
    throw RequestError(ErrorCode::unknown_media_type,
                       fmt::format("Content-Type: {} is not application/json", quote(type)),
                       "send the header Content-Type: application/json");
  if (!call.query.empty())
    throw RequestError(ErrorCode::bad_parameter, "a POST has its parameters in the body, not in the URL",
                       R"(write {"k":5,"queries":["web browser"]})");
  rank(rank_call_of_json(call.request.body, options_.limits), Form::array, false, call);
}

void Api::complete(const Call& call) {
  rank(rank_call_of_url(call.query, options_.limits, true), Form::line, true, call);
}

// Returns the model with the name of the call; without a name, the first model that completes if the query is a prefix,
// else the first model that does not complete, else the first model.
std::size_t Api::model_of(const RankCall& ranked, bool must_complete, const ServedModels::Visit& visit) const {
  for (std::size_t i = 0; i < models_.size(); ++i)
    if (models_.name(i) == ranked.model) return i;
  if (!ranked.model.empty())
    throw RequestError(ErrorCode::unknown_model, fmt::format("model: no model has the name {}", quote(ranked.model)),
                       "GET /v1/models lists the models");
  const QueryInput& first = ranked.queries.front();
  const bool is_prefix = must_complete || std::ranges::any_of(first.columns, [](const auto& column) {
                           return column.first == "prefix" || column.first.starts_with("previous");
                         });
  for (std::size_t i = 0; i < models_.size(); ++i)
    if (visit.session(i).model().completes() == is_prefix) return i;
  return 0;
}

void Api::rank(const RankCall& ranked, Form form, bool must_complete, const Call& call) {
  const ServedModels::Visit visit(models_, call.thread);
  const std::size_t model = model_of(ranked, must_complete, visit);
  ModelSession& session = visit.session(model);
  if (must_complete && !session.model().completes())
    throw RequestError(ErrorCode::unsupported,
                       fmt::format("model: {} is not a completion model", quote(session.model().name())),
                       "GET /v1/models lists the models");
  const Clock::time_point start = Clock::now();
  session.select(ranked.settings);
  std::string& json = call.reply.body;
  if (form == Form::array) json += R"({"answers":[)";
  for (std::size_t i = 0; i < ranked.queries.size(); ++i) {
    if (form == Form::array) json += i == 0 ? "\n" : ",\n";
    session.answer(ranked.queries[i], i, json);
  }
  json += form == Form::array ? "\n]}\n" : "\n";
  call.reply.model_seconds = seconds_since(start);
  call.reply.model_version = session.model().version();
  metrics_.of_thread(call.thread).count_queries(model, ranked.queries.size());
}

void Api::list_models(const Call& call) {
  const ServedModels::Visit visit(models_, call.thread);
  std::string& json = call.reply.body;
  json += R"({"models":[)";
  for (std::size_t i = 0; i < models_.size(); ++i) {
    json += i == 0 ? "\n" : ",\n";
    json += visit.session(i).model().card();
  }
  json += "\n]}\n";
}

void Api::tell_health(const Call& call) {
  call.reply.body = "{\"status\":\"ok\"}\n";
}

void Api::tell_readiness(const Call& call) {
  if (state_.draining) throw RequestError(ErrorCode::draining, "the server is ending", "ask another server");
  call.reply.body = "{\"status\":\"ready\"}\n";
}

void Api::tell_openapi(const Call& call) {
  call.reply.body = openapi_;
}

void Api::tell_metrics(const Call& call) {
  std::string& text = call.reply.body;
  std::vector<std::string> models;
  const ServedModels::Visit visit(models_, call.thread);
  for (std::size_t i = 0; i < models_.size(); ++i)
    models.push_back(models_.name(i));
  const std::vector<std::string_view> names(route_names_.begin(), route_names_.end());
  metrics_.append_to(text, names, models);
  const auto append = std::back_inserter(text);
  append_metric_head(text, "xmr_model_info", "gauge", "The version of each model.");
  for (std::size_t i = 0; i < models_.size(); ++i)
    fmt::format_to(append, "xmr_model_info{{model=\"{}\",version=\"{}\"}} 1\n", metric_label(models[i]),
                   visit.session(i).model().version());
  append_metric_head(text, "xmr_model_reloads_total", "counter", "Reloads of model files by result.");
  for (std::size_t i = 0; i < models_.size(); ++i)
    fmt::format_to(append,
                   "xmr_model_reloads_total{{model=\"{0}\",result=\"ok\"}} {1}\n"
                   "xmr_model_reloads_total{{model=\"{0}\",result=\"failed\"}} {2}\n",
                   metric_label(models[i]), models_.reloads(i), models_.failures(i));
  const auto append_state = [&](std::string_view name, std::string_view type, std::string_view help,
                                std::uint64_t value) {
    append_metric_head(text, name, type, help);
    fmt::format_to(append, "{} {}\n", name, value);
  };
  append_state("xmr_connections", "gauge", "Open connections.", state_.connections);
  append_state("xmr_connections_accepted_total", "counter", "Accepted connections.", state_.accepted);
  append_metric_head(text, "xmr_connections_refused_total", "counter", "Connections refused, by limit.");
  fmt::format_to(
      append,
      "xmr_connections_refused_total{{limit=\"all\"}} {}\nxmr_connections_refused_total{{limit=\"address\"}} {}\n",
      state_.refused.load(), state_.refused_address.load());
  append_state("xmr_connections_timed_out_total", "counter", "Connections closed because the client was slow or idle.",
               state_.timed_out);
  append_state("xmr_log_lines_lost_total", "counter", "Lines of the log that were lost because their reader was slow.",
               state_.lost_log_lines);
  append_process_metrics(text);
}

}  // namespace xmr::serve
