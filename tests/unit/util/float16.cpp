#include "xmr/util/float16.hpp"

#include <cmath>

#include "support/catch.hpp"

using namespace xmr;

TEST_CASE("every half-precision number survives the way to single precision and back") {
  for (std::uint32_t bits = 0; bits < 0x10000U; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = from_float16(half);
    if (std::isnan(value))
      CHECK((to_float16(value) & 0x7c00U) == 0x7c00U);
    else
      REQUIRE(to_float16(value) == half);
  }
}

TEST_CASE("half-precision numbers are those of IEEE 754") {
  CHECK(from_float16(0x3c00) == 1);
  CHECK(from_float16(0xc000) == -2);
  CHECK(from_float16(0x7bff) == kLargestFloat16);
  CHECK(from_float16(0x0400) == 0x1p-14F);
  CHECK(from_float16(0x0001) == 0x1p-24F);
  CHECK(from_float16(0x7c00) == INFINITY);
  CHECK(std::signbit(from_float16(0x8000)));
}

TEST_CASE("rounding goes to the nearest half, ties to the even one") {
  for (std::uint16_t half = 0; half < 0x7bff; ++half) {
    const auto above = static_cast<std::uint16_t>(half + 1);
    const float middle = (from_float16(half) + from_float16(above)) / 2;  // exact
    REQUIRE(to_float16(middle) == (half % 2 == 0 ? half : above));
    REQUIRE(to_float16(std::nextafter(middle, 0.0F)) == half);
    REQUIRE(to_float16(std::nextafter(middle, INFINITY)) == above);
    REQUIRE(to_float16(-middle) == (0x8000 | (half % 2 == 0 ? half : above)));
  }
  CHECK(to_float16(65519.996F) == 0x7bff);
  CHECK(to_float16(65520) == 0x7c00);
  CHECK(to_float16(1e30F) == 0x7c00);
}
