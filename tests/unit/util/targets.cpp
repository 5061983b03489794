#include "xmr/util/targets.hpp"

#include <bit>

#include "support/catch.hpp"

using namespace xmr;

TEST_CASE("the best instruction set of the supported ones is chosen, and plain C++ always is one of them") {
  const std::int64_t supported = supported_targets();
  CHECK((supported & ~HWY_TARGETS) == 0);
  CHECK((supported & (HWY_EMU128 | HWY_SCALAR | HWY_STATIC_TARGET)) != 0);
  const std::size_t best = best_target();
  for (std::int64_t rest = supported; rest != 0; rest &= rest - 1) {
    set_targets_for_test(rest & -rest);
    CHECK(best_target() >= best);
  }
  set_targets_for_test(supported & -supported);
  CHECK(best_target() == best);
  set_targets_for_test(0);
  CHECK(best_target() == best);
}
