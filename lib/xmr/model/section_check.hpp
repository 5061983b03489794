#pragma once
// What a search relies on when it reads a section in place: each feature is one of the model's, each row lies in the
// payload and has as many values as its masks say. Checked once, when a chunk is visited first: some 2 ns a row.
// Thread rule: pure function.

#include <cstdint>

#include "xmr/model/chunk.hpp"

namespace xmr {

// What is wrong with a section whose table and payload lie in the chunk; nullptr if nothing. O(table + rows).
const char* find_fault(const SectionView& section, std::uint64_t feature_count);

}  // namespace xmr
