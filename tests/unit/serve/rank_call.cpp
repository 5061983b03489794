#include "xmr/serve/rank_call.hpp"

#include "xmr/io/json.hpp"
#include "xmr/serve/request_error.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"

using namespace xmr;
using namespace xmr::serve;

namespace {

ErrorCode code_of_json(const std::string& body, const RankLimits& limits = {}) {
  try {
    rank_call_of_json(body, limits);
  } catch (const RequestError& error) {
    return error.code();
  }
  FAIL("is not refused: " << body);
  return {};
}

}  // namespace

TEST_CASE("a URL and JSON ask for the same") {
  const RankCall url = rank_call_of_url(
      "q=a+b&model=m&k=7&beam=3&min_score=-0.5&explain=2&texts=true&allow=x&allow=y&deny=z&source=pairs&typos=1&unseen="
      "0",
      {});
  const RankCall json = rank_call_of_json(
      R"({"queries":["a b"],"model":"m","k":7,"beam":3,"min_score":-0.5,"explain":2,"texts":true,
          "allow":["x","y"],"deny":["z"],"source":"pairs","typos":1,"unseen":0})",
      {});
  CHECK(url.settings == json.settings);
  CHECK(url.model == json.model);
  CHECK(url.queries.front().columns == json.queries.front().columns);
  CHECK(url.settings.k == 7);
  CHECK(url.settings.allow == std::vector<std::string>{"x", "y"});
  CHECK(rank_call_of_url("q=a&explain=true", {}).settings.explain == 5);
  CHECK(rank_call_of_json(R"({"queries":["a"],"explain":true})", {}).settings.explain == 5);
}

TEST_CASE("features are sorted, and bad ones refused") {
  const RankCall call = rank_call_of_json(R"({"queries":[{"features":[[5,1],[2,0.5]]},{"features":[]}]})", {});
  CHECK(call.queries[0].features == std::vector<std::pair<FeatureId, float>>{{2, 0.5F}, {5, 1}});
  CHECK(call.queries[1].has_features);
  for (const char* features : {"1", "[1]", "[[1]]", "[[1,2,3]]", "[[-1,2]]", "[[1.5,2]]", "[[1,\"2\"]]", "[[1,1e39]]",
                               "[[1,1],[1,2]]", "[[2147483648,1]]", "{\"1\":2}"})
    CHECK(code_of_json(std::string(R"({"queries":[{"features":)") + features + "}]}") == ErrorCode::bad_body);
}

TEST_CASE("limits hold") {
  const RankLimits limits{.answers = 5, .queries = 2, .list_labels = 1};
  CHECK(rank_call_of_json(R"({"queries":["a","b"],"k":5,"allow":["x"]})", limits).queries.size() == 2);
  CHECK(code_of_json(R"({"queries":["a","b","c"]})", limits) == ErrorCode::bad_body);
  CHECK(code_of_json(R"({"queries":["a"],"k":6})", limits) == ErrorCode::bad_parameter);
  CHECK(code_of_json(R"({"queries":["a"],"deny":["x","y"]})", limits) == ErrorCode::bad_parameter);
  CHECK_THROWS_AS(rank_call_of_url("q=a&k=6", limits), RequestError);
  CHECK_THROWS_AS(rank_call_of_url("q=a&allow=x&allow=y", limits), RequestError);
}

TEST_CASE("JSON of any depth is refused before it is parsed") {
  CHECK(code_of_json(std::string(1'000'000, '[')) == ErrorCode::bad_body);
  CHECK(code_of_json(std::string(1000, '{')) == ErrorCode::bad_body);
  // Brackets inside strings count nothing.
  const std::string text(1000, '[');
  CHECK(rank_call_of_json(R"({"queries":["\")" + text + R"("]})", {}).queries.size() == 1);
}

// Each byte of a right body is replaced, removed or doubled: it is read, or refused with a RequestError.
TEST_CASE("damaged JSON is read or refused") {
  const std::string whole =
      R"({"queries":["a\u00e4\n",{"previous":"b","prefix":"c"},{"features":[[1,0.5]]}],"k":3,"allow":["x"],"texts":false})";
  Random random(2);
  std::size_t refused = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string body = whole;
    for (std::uint64_t changes = 1 + random.below(3); changes > 0; --changes) {
      const std::size_t at = random.below(body.size());
      const std::uint64_t kind = random.below(3);
      if (kind == 0) body[at] = static_cast<char>(random.below(256));
      if (kind == 1) body.erase(at, 1 + random.below(4));
      if (kind == 2) body.insert(at, body.substr(random.below(body.size()), 1 + random.below(8)));
      if (body.empty()) break;
    }
    try {
      rank_call_of_json(body, {});
    } catch (const RequestError&) {
      ++refused;
    }
  }
  CHECK(refused > 10000);
}
