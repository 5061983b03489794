#pragma once
// Shares pieces of work among parts of about equal cost. Thread rule: pure functions.

#include <cstdint>
#include <span>
#include <vector>

namespace xmr {

// Cuts the pieces into ranges, one a part. Returns the index of the first piece of each part, and the number of pieces:
// parts+1 numbers. parts >= 1.
std::vector<std::uint64_t> cut_evenly(std::span<const std::uint64_t> costs, std::uint32_t parts);

// Returns the part of each piece; a part need not be a range. Pieces of more than a quarter of an equal share come
// first, the largest first, each to the part with the smallest sum (longest processing time first; R. L. Graham, SIAM
// J. Appl. Math. 17, 1969). Then the other pieces fill up the parts, each with a range of them. parts >= 1.
std::vector<std::uint32_t> share_evenly(std::span<const std::uint64_t> costs, std::uint32_t parts);

}  // namespace xmr
