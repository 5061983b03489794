#pragma once
// Functions that Highway compiles for several instruction sets, and their choice at run time. Highway's own choice is
// in its shared library, which measures the clock for 3 ms when a program loads it.
//
//   #include "xmr/util/targets.hpp"
//   #define HWY_TARGET_INCLUDE "xmr/module/source.cpp"
//   #include <hwy/foreach_target.h>  // must come before highway.h
//   #include <hwy/highway.h>
//   HWY_BEFORE_NAMESPACE();
//   namespace xmr::HWY_NAMESPACE { namespace { int f(int); } }
//   HWY_AFTER_NAMESPACE();
//   #if HWY_ONCE
//   ... XMR_BEST_TARGET(f)(3)
//   #endif
//
// Thread rule: all but set_targets_for_test() may be called from any thread.

#include <cstddef>
#include <cstdint>

// AVX-512, AVX2 and plain C++ on x86, NEON on ARM: SSSE3 and SSE4 gain nothing over plain C++, and arrays of scalable
// vectors do not exist.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/targets.h>

namespace xmr {

// The instruction sets that kernels are compiled for and that this machine has, as bits HWY_*; plain C++ among them.
std::int64_t supported_targets();

// Restricts the choice to these instruction sets, 0: to the supported ones. No kernel may run meanwhile.
void set_targets_for_test(std::int64_t targets);

// The place of the best instruction set in a table of HWY_CHOOSE_TARGET_LIST and the fallback.
std::size_t best_target();

}  // namespace xmr

// The function of the best instruction set.
#define XMR_BEST_TARGET(function)                                                                                    \
  ([]() -> decltype(&HWY_STATIC_DISPATCH(function)) {                                                                \
    static constexpr decltype(&HWY_STATIC_DISPATCH(function)) kTable[] = {nullptr, HWY_CHOOSE_TARGET_LIST(function), \
                                                                          HWY_CHOOSE_FALLBACK(function)};            \
    return kTable[::xmr::best_target()];                                                                             \
  }())
