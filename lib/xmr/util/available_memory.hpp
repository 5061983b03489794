#pragma once
// How much memory a process may still take: for work that is faster with more, and works without.

#include <cstdint>

namespace xmr {

// Bytes: what the system could give without swapping (MemAvailable), at most what is allowed to the process (ulimit -v,
// -d) and to its control group as a whole. Of limits, what is in use already is not taken off: ask for a part of it.
std::uint64_t available_memory();

}  // namespace xmr
