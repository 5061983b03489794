#pragma once
// The memory that a process may still take, for work that uses more memory only to be faster.

#include <cstdint>

namespace xmr {

// Returns bytes: MemAvailable of the system, at most the limits of the process (ulimit -v, -d) and of its control
// group. Memory in use is not subtracted from these limits, so ask for a fraction of the result.
std::uint64_t available_memory();

}  // namespace xmr
