#pragma once
// The path and the query string of a URL.
//
//   const UrlTarget target = split_target("/v1/rank?q=web+browser&k=5");
//   const UrlParameters parameters = parse_parameters(target.query);   // {{"q", "web browser"}, {"k", "5"}}
//
// Thread rule: pure functions.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xmr::serve {

struct UrlTarget {
  std::string_view path, query;  // as they were sent
};
UrlTarget split_target(std::string_view target);

using UrlParameters = std::vector<std::pair<std::string, std::string>>;

// Decodes application/x-www-form-urlencoded: "%41" is a byte, "+" a blank. A parameter without "=" has an empty value.
// If a "%" is not followed by two hexadecimal digits, throws RequestError.
UrlParameters parse_parameters(std::string_view query);

}  // namespace xmr::serve
