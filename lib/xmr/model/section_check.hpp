#pragma once
// Checks a section before searches read it in place: each feature is one of the model's, each row lies in the payload
// and has as many values as its masks say. Runs once a chunk: about 2 ns a row. Thread rule: pure functions.

#include <cstdint>

#include "xmr/model/chunk.hpp"

namespace xmr {

// The faults that a check of a whole section and that of one visit (visit_check.hpp) both find.
namespace section_fault {
inline constexpr const char* kSize = "the size of a row is out of range";
inline constexpr const char* kTable = "the table is not that of the payload";
inline constexpr const char* kMask = "a mask is not that of its values";
inline constexpr const char* kNoFreeSlot = "the table has no free slot";
}  // namespace section_fault

// Returns the fault of the sizes of a section's table for a model with so many features, or nullptr. O(1).
const char* find_table_fault(const SectionView& section, std::uint64_t feature_count);

// Returns the fault of a section without find_table_fault() whose table and payload lie in the chunk, or nullptr.
// O(table + rows).
const char* find_fault(const SectionView& section, std::uint64_t feature_count);

}  // namespace xmr
