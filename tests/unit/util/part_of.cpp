#include "xmr/util/part_of.hpp"

#include "support/catch.hpp"

using namespace xmr;

TEST_CASE("the parts of a count follow each other, and differ by one at most") {
  for (const std::uint32_t parts : {1U, 2U, 3U, 8U, 65536U})
    for (const std::uint64_t count : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{100}, ~std::uint64_t{0}}) {
      std::uint64_t end = 0;
      for (std::uint32_t part = 0; part < parts; ++part) {
        const PartOf of{part, parts};
        REQUIRE(of.begin(count) == end);
        end = of.end(count);
        REQUIRE(end - of.begin(count) - count / parts <= 1);
      }
      REQUIRE(end == count);
    }
  CHECK(PartOf{2, 8}.begin(100) == 26);
  CHECK(PartOf{2, 8}.end(100) == 39);
}
