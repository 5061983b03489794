#include "xmr/serve/request_error.hpp"

#include <cstddef>

#include "xmr/sparse/predictions.hpp"

namespace xmr::serve {
namespace {

constexpr ErrorMeaning kErrors[] = {
    {ErrorCode::bad_request, 400, "bad_request",
     "The request is not well-formed HTTP, or its headers contradict each other"},
    {ErrorCode::bad_parameter, 400, "bad_parameter", "A parameter is unknown, missing or outside its range"},
    {ErrorCode::bad_body, 400, "bad_body", "The body is not the JSON that the route reads"},
    {ErrorCode::unknown_path, 404, "unknown_path", "No route has this path"},
    {ErrorCode::unknown_model, 404, "unknown_model", "No model is served under this name"},
    {ErrorCode::unknown_method, 405, "unknown_method", "The route has other methods, which the header Allow lists"},
    {ErrorCode::slow_request, 408, "slow_request", "The request did not arrive in time"},
    {ErrorCode::large_body, 413, "large_body", "The body is larger than --max-body"},
    {ErrorCode::long_url, 414, "long_url", "Path and query are longer than --max-url"},
    {ErrorCode::unknown_media_type, 415, "unknown_media_type", "The body is not application/json"},
    {ErrorCode::unsupported, 422, "unsupported", "The model cannot do this"},
    {ErrorCode::large_headers, 431, "large_headers", "The headers are larger than --max-headers"},
    {ErrorCode::internal, 500, "internal", "The model file is damaged, or memory has ended"},
    {ErrorCode::overloaded, 503, "overloaded", "All connections are in use; Retry-After says when to try again"},
    {ErrorCode::draining, 503, "draining", "The server is ending"},
};

}  // namespace

std::span<const ErrorMeaning> error_meanings() {
  return kErrors;
}

const ErrorMeaning& meaning_of(ErrorCode code) {
  return kErrors[static_cast<std::size_t>(code)];
}

std::string error_json(ErrorCode code, std::string_view message, std::string_view hint) {
  std::string json = R"({"error":{"code":")";
  json.append(meaning_of(code).name) += R"(","message":)";
  append_json_string(json, message);
  if (!hint.empty()) {
    json += R"(,"hint":)";
    append_json_string(json, hint);
  }
  return json += "}}\n";
}

}  // namespace xmr::serve
