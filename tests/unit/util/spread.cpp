#include "xmr/util/spread.hpp"

#include "support/catch.hpp"

using namespace xmr;

TEST_CASE("a spread tells extremes, middle and mean") {
  const Spread odd = spread({5, 1, 9});
  CHECK(odd.min == 1);
  CHECK(odd.median == 5);
  CHECK(odd.max == 9);
  CHECK(odd.mean == 5.0);
  CHECK(spread({1, 2}).median == 2);
  CHECK(spread({}).max == 0);
  CHECK(spread({}).mean == 0.0);
}
