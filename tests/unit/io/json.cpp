#include "xmr/io/json.hpp"

#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "xmr/util/random.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

using Oracle = nlohmann::ordered_json;

// A random value of few keys, so that some are equal.
std::string random_text(Random& random, int depth) {
  static const std::vector<std::string> kScalars = {"null",
                                                    "true",
                                                    "false",
                                                    "0",
                                                    "-0",
                                                    "7",
                                                    "-7",
                                                    "18446744073709551615",
                                                    "-9223372036854775808",
                                                    "1.5",
                                                    "-2e-30",
                                                    "1e300",
                                                    "0.1",
                                                    "1.0",
                                                    "1E2",
                                                    "\"\"",
                                                    "\"a\\u00e9\\n\\\"\"",
                                                    "\"\xc3\xa9\"",
                                                    "[]",
                                                    "{}",
                                                    "1e999",
                                                    "\"\xff\"",
                                                    "truE",
                                                    "[1,]",
                                                    "{\"a\"}",
                                                    "01"};
  const std::uint64_t kind = random.below(depth > 0 ? 6 : 4);
  if (kind < 4) return kScalars[random.below(kind < 3 ? 20 : kScalars.size())];
  std::string text;
  for (std::uint64_t i = 0, members = random.below(5); i < members; ++i) {
    if (i > 0) text += random.below(2) == 0 ? "," : " ,\n";
    if (kind == 5) text += std::string("\"") + "abc"[random.below(3)] + "\":";
    text += random_text(random, depth - 1);
  }
  return kind == 4 ? "[" + text + "]" : "{" + text + "}";
}

}  // namespace

TEST_CASE("random JSON is parsed, refused and written like by nlohmann-json") {
  Random random(5);
  int valid = 0, invalid = 0;
  for (int round = 0; round < 20000; ++round) {
    const std::string text = random_text(random, 4);
    CAPTURE(text);
    const Oracle oracle = Oracle::parse(text, nullptr, false);
    const std::optional<Json> json = Json::parse_if_valid(text);
    REQUIRE(json.has_value() == !oracle.is_discarded());
    if (!json) {
      CHECK_THROWS_AS(Json::parse(text), JsonError);
      ++invalid;
      continue;
    }
    ++valid;
    REQUIRE(json->dump() == oracle.dump());
    REQUIRE(json->dump(1) == oracle.dump(1));
    REQUIRE(*json == Json::parse(nlohmann::json::parse(text).dump()));  // its members are sorted
  }
  CHECK(valid > 1000);
  CHECK(invalid > 1000);
}

TEST_CASE("a fault of JSON tells its byte, or 0 for a limit") {
  const auto fault = [](const std::string& text) {
    try {
      Json::parse(text);
    } catch (const JsonError& error) {
      return std::pair(error.byte(), std::string(error.what()));
    }
    return std::pair(std::size_t{99}, std::string());
  };
  CHECK(fault("[1,2") == std::pair(std::size_t{5}, std::string("byte 5 is not what it must be")));
  CHECK(fault("[1e999]") == std::pair(std::size_t{0}, std::string("a number is out of range")));
  CHECK(fault(std::string(Json::kMaxDepth, '[') + std::string(Json::kMaxDepth, ']')).first == 99);
  CHECK(fault(std::string(1'000'000, '[')).second == "arrays and objects are nested deeper than 512 levels");
}

TEST_CASE("millions of equal keys are one member") {
  std::string text = "{";
  for (int i = 0; i < 300'000; ++i)
    text += "\"" + std::to_string(i % 100'000) + "\":" + std::to_string(i) + ",";
  text.back() = '}';
  const Json json = Json::parse(text);
  REQUIRE(json.size() == 100'000);
  CHECK(json.items().front().key == "0");
  CHECK(json.items().front().value == 200'000);
}

TEST_CASE("braces make an object of pairs that begin with a text, else an array") {
  CHECK(Json({{"a", 1}, {"b", {1.5, nullptr, true}}}).dump() == R"({"a":1,"b":[1.5,null,true]})");
  CHECK(Json({{"a", {{"b", -1}}}}).dump() == R"({"a":{"b":-1}})");
  CHECK(Json({"a", "b"}).dump() == R"(["a","b"])");
  CHECK(Json({{"a", 1}, {2, 1}}).dump() == R"([["a",1],[2,1]])");
  CHECK(Json(std::vector<float>{0.5F}).dump() == "[0.5]");
  CHECK(Json(std::numeric_limits<double>::infinity()).dump() == "null");
  CHECK(Json("a\xff").dump() == "\"a\xef\xbf\xbd\"");
}

TEST_CASE("members are set in place, added behind and removed") {
  Json json;
  CHECK(json.empty());
  json["a"] = 1;
  json["b"]["c"].push_back("x");
  json["a"] = 2;
  CHECK(json.dump() == R"({"a":2,"b":{"c":["x"]}})");
  json.update({{"b", 3}, {"d", 4}});
  json.erase("a");
  json.erase("none");
  CHECK(json.dump() == R"({"b":3,"d":4})");
  CHECK(json.value("b", 0) == 3);
  CHECK(json.value("none", std::string("else")) == "else");
  CHECK(Json({{"x", 1}, {"y", 2}}) == Json({{"y", 2.0}, {"x", 1}}));
  CHECK(Json({{"x", 1}, {"y", 2}}) != Json({{"x", 1}, {"z", 2}}));
  CHECK(Json(-1) != Json(std::numeric_limits<std::uint64_t>::max()));
}

TEST_CASE("a value of another type or a number that does not fit is refused") {
  CHECK(Json(255).get<std::uint8_t>() == 255);
  CHECK(Json(3).get<double>() == 3);
  CHECK(Json(-3).get<int>() == -3);
  CHECK(Json({1, 2}).get<std::vector<int>>() == std::vector{1, 2});
  CHECK_THROWS_AS(Json(256).get<std::uint8_t>(), JsonError);
  CHECK_THROWS_AS(Json(-1).get<std::uint64_t>(), JsonError);
  CHECK_THROWS_AS(Json(1.5).get<int>(), JsonError);
  CHECK_THROWS_AS(Json(std::numeric_limits<std::uint64_t>::max()).get<std::int64_t>(), JsonError);
  CHECK_THROWS_AS(Json(true).get<int>(), JsonError);
  CHECK_THROWS_AS(Json(1).get<bool>(), JsonError);
  CHECK_THROWS_AS(Json(1).text(), JsonError);
  CHECK_THROWS_AS(Json(1).values(), JsonError);
  CHECK_THROWS_AS(Json(1).items(), JsonError);
  CHECK_THROWS_AS(Json({1})[1], JsonError);
  const Json object = {{"a", 1}};
  CHECK_THROWS_AS(object["b"], JsonError);
  CHECK_THROWS_WITH(Json("x").get<double>(), "a text where a number is needed");
}
