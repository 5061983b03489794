#include "xmr/util/exp_log.hpp"

#include <cmath>
#include <limits>

#include "support/catch.hpp"

using xmr::portable_exp;
using xmr::portable_log;
using xmr::portable_log1p;

TEST_CASE("portable_exp is the nearest float or its neighbour") {
  for (float x = -103.5F; x < 88.7F; x += 0.0173F) {
    const double exact = std::exp(static_cast<double>(x));
    const auto nearest = static_cast<float>(exact);
    const float result = portable_exp(x);
    CHECK(result >= std::nextafter(nearest, 0.0F));
    CHECK(result <= std::nextafter(nearest, std::numeric_limits<float>::infinity()));
  }
}

TEST_CASE("portable_exp has the right values at its ends") {
  CHECK(portable_exp(0) == 1);
  CHECK(portable_exp(-1e-9F) == 1);
  CHECK(portable_exp(-105) == 0);
  CHECK(portable_exp(-1e30F) == 0);
  CHECK(portable_exp(-std::numeric_limits<float>::infinity()) == 0);
  CHECK(portable_exp(100) == std::numeric_limits<float>::infinity());
}

TEST_CASE("portable_log1p is the nearest float or its neighbour, for tiny arguments too") {
  for (float t = 1; t > 1e-37F; t *= 0.977F) {
    const auto nearest = static_cast<float>(std::log1p(static_cast<double>(t)));
    const float result = portable_log1p(t);
    CHECK(result >= std::nextafter(nearest, 0.0F));
    CHECK(result <= std::nextafter(nearest, 1.0F));
  }
  CHECK(portable_log1p(0) == 0);
}

TEST_CASE("portable_log differs from ln by less than 2^-48 of it") {
  for (double x = 1e-300; x < 1e300; x *= 1.37) {
    const double expected = std::log(x);
    CHECK(std::fabs(portable_log(x) - expected) <= std::ldexp(std::fabs(expected), -48));
  }
  for (const double x : {0.5, 0.999, 1.0 - 0x1p-40, 1.0 + 0x1p-40, 1.001, 1.41421, 1.41422, 2.0, 3.0})
    CHECK(std::fabs(portable_log(x) - std::log(x)) <= std::ldexp(std::fabs(std::log(x)), -48));
  CHECK(portable_log(1) == 0);
}
