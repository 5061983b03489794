#include "xmr/util/available_memory.hpp"

#include <sys/resource.h>

#include "support/catch.hpp"

TEST_CASE("available memory is what the system has, or what is allowed to the process") {
  CHECK(xmr::available_memory() > 0);
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_DATA, &before) == 0);
  constexpr rlim_t kAllowed = rlim_t{1} << 29;
  rlimit allowed = before;
  allowed.rlim_cur = kAllowed;
  REQUIRE(setrlimit(RLIMIT_DATA, &allowed) == 0);
  const std::uint64_t available = xmr::available_memory();
  REQUIRE(setrlimit(RLIMIT_DATA, &before) == 0);
  CHECK(available <= kAllowed);
}
