#include "xmr/serve/url.hpp"

#include "xmr/serve/request_error.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"

using namespace xmr;
using namespace xmr::serve;

TEST_CASE("a target has a path and a query") {
  CHECK(split_target("/v1/rank?q=a?b").path == "/v1/rank");
  CHECK(split_target("/v1/rank?q=a?b").query == "q=a?b");
  CHECK(split_target("/v1/rank").query.empty());
  CHECK(split_target("").path.empty());
  CHECK(split_target("?").path.empty());
}

TEST_CASE("parameters are decoded") {
  CHECK(parse_parameters("q=web+browser&k=5") == UrlParameters{{"q", "web browser"}, {"k", "5"}});
  CHECK(parse_parameters("q=%e4%BD%a0%00%26%3d%2B") == UrlParameters{{"q", std::string("\xe4\xbd\xa0\0&=+", 7)}});
  CHECK(parse_parameters("a=b=c&d&=e&&f=") == UrlParameters{{"a", "b=c"}, {"d", ""}, {"", "e"}, {"f", ""}});
  CHECK(parse_parameters("").empty());
}

TEST_CASE("a percent sign without two digits is refused") {
  for (const char* text : {"%", "q=%", "q=%4", "q=%zz", "q=%4g", "%=1"})
    CHECK_THROWS_AS(parse_parameters(text), RequestError);
}

TEST_CASE("every text survives encoding and decoding") {
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    std::string text, encoded = "q=";
    for (std::uint64_t length = random.below(40); length > 0; --length)
      text += static_cast<char>(random.below(256));
    constexpr const char* kDigits = "0123456789ABCDEF";
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      ((encoded += '%') += kDigits[byte / 16]) += kDigits[byte % 16];
    }
    CHECK(parse_parameters(encoded) == UrlParameters{{"q", text}});
  }
}
