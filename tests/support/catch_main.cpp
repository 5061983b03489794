// Compiles Catch2's own main once for all test programs (Catch2 3 brings its main as a library).
#ifndef XMR_CATCH2_V3
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
