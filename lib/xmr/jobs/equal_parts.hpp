#pragma once
// What all plans have in common: pieces of work become parts of about equal cost.
// Thread rule: pure functions.

#include <cstdint>
#include <span>
#include <vector>

namespace xmr {

// Where the parts begin among the pieces, and their end: parts+1 numbers. parts ≥ 1.
std::vector<std::uint64_t> cut_evenly(std::span<const std::uint64_t> costs, std::uint32_t parts);

// Which part each piece belongs to, where parts need not be ranges. Pieces of more than a quarter of an equal share go
// to different parts, the largest first, each to the part that has least (longest processing time first; R. L. Graham,
// SIAM J. Appl. Math. 17, 1969); then the others fill the parts up, each with a range of them. parts ≥ 1.
std::vector<std::uint32_t> share_evenly(std::span<const std::uint64_t> costs, std::uint32_t parts);

}  // namespace xmr
