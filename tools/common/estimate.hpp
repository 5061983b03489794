#pragma once
// What --dry-run prints of any tool.

#include <cstdint>

#include "common/tool.hpp"

namespace xmr::tools {

// Lines `name<TAB>value` on stdout; --stats has them under `estimate`.
void print_estimate(std::uint64_t memory_bytes, double seconds, std::uint64_t file_bytes, Run& run);

}  // namespace xmr::tools
