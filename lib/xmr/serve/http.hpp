#pragma once
// A request as the library of the server reads it, and its reply. Sockets and HTTP itself belong to tools/xmr-serve.
//
// Thread rule: plain values.

#include <cstdint>
#include <string>
#include <string_view>

namespace xmr::serve {

struct HttpRequest {
  std::string_view method;        // "GET", "POST", ...
  std::string_view target;        // path and query string as they were sent, percent-encoded
  std::string_view content_type;  // empty: none
  std::string_view body;
};

struct HttpReply {
  int status = 200;
  std::string_view content_type = "application/json";
  std::string body;
  std::string_view file = {};      // not empty: the body, in static memory
  std::string allowed = {};        // not empty: the methods of the path, for the header Allow
  std::string model_version = {};  // not empty: the version of the model that answered
  double model_seconds = 0;        // spent in the model; 0: no model was asked

  // Makes a reply without body. The memory of the strings stays.
  void clear();
  std::string_view content() const { return file.empty() ? std::string_view(body) : file; }
};

}  // namespace xmr::serve
