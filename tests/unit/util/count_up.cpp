#include "xmr/util/count_up.hpp"

#include "support/catch.hpp"

TEST_CASE("a count of 32 bits stays at its largest value") {
  std::uint32_t count = 0xfffffffeU;
  xmr::count_up(count);
  CHECK(count == 0xffffffffU);
  xmr::count_up(count);
  CHECK(count == 0xffffffffU);
}
