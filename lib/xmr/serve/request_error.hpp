#pragma once
// The errors that the server answers with: a status of HTTP, a code that programs can compare, a message and a hint.
//
//   throw RequestError(ErrorCode::unknown_model, "model: 'shop' is not served", "GET /v1/models lists the models");
//
// Thread rule: pure functions.

#include <span>
#include <string>
#include <string_view>

#include "xmr/util/error.hpp"

namespace xmr::serve {

enum class ErrorCode {
  bad_request,
  bad_parameter,
  bad_body,
  unknown_path,
  unknown_model,
  unknown_method,
  slow_request,
  large_body,
  long_url,
  unknown_media_type,
  unsupported,
  large_headers,
  internal,
  overloaded,
  draining,
};

// A code as it is written, its status, and its meaning.
struct ErrorMeaning {
  ErrorCode code;
  int status;
  std::string_view name, meaning;
};
// All codes, in the order of the enumeration.
std::span<const ErrorMeaning> error_meanings();
const ErrorMeaning& meaning_of(ErrorCode code);

class RequestError : public Error {
 public:
  RequestError(ErrorCode code, const std::string& message, std::string hint = {})
      : Error(message, std::move(hint)), code_(code) {}
  ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

// Returns {"error":{"code":...,"message":...,"hint":...}}; without the hint if it is empty.
std::string error_json(ErrorCode code, std::string_view message, std::string_view hint);

}  // namespace xmr::serve
