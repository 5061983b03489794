#pragma once
// What all plans have in common: pieces of work are cut into parts of about equal cost.
// Thread rule: pure functions.

#include <cstdint>
#include <span>
#include <vector>

namespace xmr {

// Where the parts begin among the pieces, and their end: parts+1 numbers. parts ≥ 1.
std::vector<std::uint64_t> cut_evenly(std::span<const std::uint64_t> costs, std::uint32_t parts);

}  // namespace xmr
