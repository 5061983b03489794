// A request to the routes of the server: the first line is method and target, the rest the body.
#include <algorithm>

#include "xmr/io/json.hpp"
#include "xmr/serve/api.hpp"

#include "fuzz/fuzz.hpp"

namespace {

const std::string kModels = XMR_FUZZ_MODELS;

// A server of the models of the fuzzer of models.
struct Server {
  xmr::serve::ServedModels models{
      {{"a", kModels + "/linear_npz"}, {"b", kModels + "/bm25_npz"}, {"c", kModels + "/completion_npz"}}, 1};
  xmr::serve::ServerState state;
  xmr::serve::Api api{models, {.limits = {.queries = 5}}, state};
};

}  // namespace

FUZZ(bytes) {
  static Server server;
  static xmr::serve::HttpReply reply;
  const std::size_t end = std::min(bytes.find('\n'), bytes.size());
  const std::string_view line = bytes.substr(0, end), body = bytes.substr(std::min(end + 1, bytes.size()));
  const std::size_t blank = std::min(line.find(' '), line.size());
  const std::string_view target = line.substr(std::min(blank + 1, line.size()));
  server.api.answer({line.substr(0, blank), target, "application/json", body}, 0, reply);
  const bool is_known = std::ranges::find(xmr::serve::kStatuses, reply.status) != xmr::serve::kStatuses.end();
  const bool is_json = reply.content_type != "application/json" || xmr::Json::parse_if_valid(reply.content());
  if (!is_known || !is_json || reply.status == 500) __builtin_trap();
}
