#pragma once
// The test framework under one name: Catch2 2.13 (Debian bookworm) or 3.
#ifdef XMR_CATCH2_V3
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
