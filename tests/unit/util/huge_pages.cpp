#include "xmr/util/huge_pages.hpp"

#include <algorithm>
#include <cstdint>

#include "support/catch.hpp"

using xmr::HugeVector;

namespace {

template <class T>
std::uintptr_t place(const HugeVector<T>& vector) {
  return reinterpret_cast<std::uintptr_t>(vector.data());
}

}  // namespace

TEST_CASE("vectors begin with a line of the cache, large ones with a huge page") {
  HugeVector<std::uint16_t> small(3, 7);
  HugeVector<float> large(std::size_t{1} << 19, 1.5F);
  CHECK(place(small) % 64 == 0);
  CHECK(place(large) % (std::size_t{2} << 20) == 0);
  CHECK(large.back() == 1.5F);
}

TEST_CASE("a vector that is renewed holds the new values only, in the memory that it has if there is enough") {
  HugeVector<float> values(100, 1.0F);
  const std::uintptr_t before = place(values);
  renew(values, 50, 2.0F);
  CHECK(values.size() == 50);
  CHECK(place(values) == before);
  renew(values, 200, 3.0F);
  CHECK(values.size() == 200);
  CHECK(std::ranges::count(values, 3.0F) == 200);
}

TEST_CASE("more memory than there can be is an error of allocation") {
  CHECK_THROWS_AS(xmr::HugePages<double>().allocate(~std::size_t{0} / 8), std::bad_alloc);
}
