#include "xmr/util/available_memory.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

#include <sys/resource.h>

namespace xmr {
namespace {

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

std::uint64_t of_system() {
  std::ifstream file("/proc/meminfo");
  std::string name, unit;
  for (std::uint64_t kibibytes = 0; file >> name >> kibibytes; std::getline(file, unit))
    if (name == "MemAvailable:") return kibibytes << 10;
  return kUnlimited;
}

// Reads the limit of control groups, version 2 before 1. Without a number there is no limit.
std::uint64_t of_group() {
  for (const char* const path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::ifstream file(path);
    if (std::uint64_t bytes = 0; file >> bytes) return bytes;
  }
  return kUnlimited;
}

std::uint64_t of_process() {
  std::uint64_t least = kUnlimited;
  for (const auto resource : {RLIMIT_AS, RLIMIT_DATA})
    if (rlimit limit{}; getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
      least = std::min<std::uint64_t>(least, limit.rlim_cur);
  return least;
}

}  // namespace

std::uint64_t available_memory() {
  return std::min({of_system(), of_group(), of_process()});
}

}  // namespace xmr
