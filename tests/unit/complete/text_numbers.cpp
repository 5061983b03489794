#include "xmr/complete/text_numbers.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "xmr/util/random.hpp"

#include "support/catch.hpp"

using namespace xmr;

TEST_CASE("texts have the numbers, and the order, that a map gives them") {
  Random random(1, 0);
  TextNumbers texts;
  std::map<std::string, std::uint32_t> expected;
  for (int i = 0; i < 5000; ++i) {
    // Short texts come again; long ones share their first 8 bytes. Zero and bytes above 127 are bytes like any other.
    std::string text = random.below(2) == 0 ? "" : "the same ";
    for (std::uint64_t length = random.below(4); length > 0; --length)
      text += "\0az\xff"[random.below(4)];
    const std::uint32_t number = expected.emplace(text, static_cast<std::uint32_t>(expected.size())).first->second;
    REQUIRE(texts.number(text) == number);
    CHECK(texts.number(text) == number);
    CHECK(texts.text(number) == text);
    if (i % 1000 == 0) CHECK(texts.increasing().size() == expected.size());
  }
  CHECK(texts.size() == expected.size());
  std::vector<std::uint32_t> increasing;
  for (const auto& [text, number] : expected)
    increasing.push_back(number);
  CHECK(std::ranges::equal(texts.increasing(), increasing));
}
