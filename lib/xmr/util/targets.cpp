#include "xmr/util/targets.hpp"

#if HWY_ARCH_X86
#include <cpuid.h>
#endif

namespace xmr {
namespace {

#if HWY_ARCH_X86
// __builtin_cpu_supports() asks the operating system too, but Clang's does not know every name.
bool has_avx2() {
  unsigned a = 0, b = 0, of_basic = 0, of_extended = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &of_basic, &d) == 0 || __get_cpuid(0x80000001, &a, &b, &of_extended, &d) == 0)
    return false;
  return (of_basic & bit_F16C) != 0 && (of_extended & bit_LZCNT) != 0 && __builtin_cpu_supports("avx2") != 0 &&
         __builtin_cpu_supports("fma") != 0 && __builtin_cpu_supports("bmi") != 0 &&
         __builtin_cpu_supports("bmi2") != 0 && __builtin_cpu_supports("popcnt") != 0 &&
         __builtin_cpu_supports("aes") != 0 && __builtin_cpu_supports("pclmul") != 0;
}
bool has_avx3() {
  return has_avx2() && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
         __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512bw") != 0;
}
bool has_avx3_dl() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return has_avx3() && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (c & bit_VAES) != 0 &&
         __builtin_cpu_supports("gfni") != 0 && __builtin_cpu_supports("vpclmulqdq") != 0 &&
         __builtin_cpu_supports("avx512vnni") != 0 && __builtin_cpu_supports("avx512vbmi") != 0 &&
         __builtin_cpu_supports("avx512vbmi2") != 0 && __builtin_cpu_supports("avx512bitalg") != 0 &&
         __builtin_cpu_supports("avx512vpopcntdq") != 0;
}
#endif

std::int64_t found_targets() {
  std::int64_t targets = HWY_STATIC_TARGET | (HWY_TARGETS & (HWY_EMU128 | HWY_SCALAR));
#if HWY_ARCH_X86
  if (has_avx2()) targets |= HWY_AVX2;
  if (has_avx3()) targets |= HWY_AVX3;
  if (has_avx3_dl()) targets |= HWY_AVX3_DL;
#endif
  return targets & HWY_TARGETS;
}

hwy::ChosenTarget& chosen() {
  struct Chosen : hwy::ChosenTarget {
    Chosen() { Update(found_targets()); }
  };
  static Chosen chosen;
  return chosen;
}

}  // namespace

std::int64_t supported_targets() {
  return found_targets();
}

void set_targets_for_test(std::int64_t targets) {
  chosen().Update(targets == 0 ? found_targets() : targets);
}

std::size_t best_target() {
  return chosen().GetIndex();
}

}  // namespace xmr
