#pragma once
// The output of --dry-run, for all tools.

#include <cstdint>
#include <string>

#include "common/tool.hpp"

namespace xmr::tools {

// Prints lines `name<TAB>value` to stdout, and records them for --stats under `estimate`. Warns if the disk of `output`
// has not enough room for the file.
void print_estimate(std::uint64_t memory_bytes, double seconds, std::uint64_t file_bytes, const std::string& output,
                    Run& run);

}  // namespace xmr::tools
