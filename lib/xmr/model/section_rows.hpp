#pragma once
// Visits all rows of a section in place.
//
//   for_rows(section, [&](FeatureId feature, const std::uint8_t* row, std::uint32_t units) { ... });
//
// The order is that of the payload: by hash block, or by increasing feature in a bitmap. The section's table must be
// verified. Thread rule: pure functions.

#include <bit>
#include <cstdint>
#include <cstring>

#include "xmr/model/chunk.hpp"

namespace xmr {

// The n-th mask of a masked row.
inline std::uint16_t mask_at(const std::uint8_t* row, std::uint32_t n) {
  std::uint16_t mask;
  std::memcpy(&mask, row + n * sizeof mask, sizeof mask);
  return mask;
}

template <class Visit>
void for_rows(const SectionView& section, const Visit& visit) {
  const std::uint64_t unit = section.unit();
  for (const RowBlock& block : section.blocks) {
    const std::uint8_t* row = section.payload + block.base * unit;
    for (std::uint32_t slot = 0; slot < RowBlock::kRows && block.features[slot] != kNoFeature; ++slot) {
      visit(block.features[slot], row, std::uint32_t{block.sizes[slot]});
      row += block.sizes[slot] * unit;
    }
  }
  const bool is_sparse = section.form == RowForm::sparse;
  FeatureId first = 0;
  for (const FeatureGroup& group : section.groups) {
    const std::uint8_t* size = section.payload + group.base * unit;
    const std::uint8_t* row = size;
    if (is_sparse) row += units_of_bytes(static_cast<std::uint32_t>(std::popcount(group.present)), section.type) * unit;
    for (std::uint32_t rest = group.present; rest != 0; rest &= rest - 1) {
      const std::uint32_t units = is_sparse ? *size++ : 1;
      visit(first + static_cast<FeatureId>(std::countr_zero(rest)), row, units);
      row += units * unit;
    }
    first += FeatureGroup::kFeatures;
  }
}

}  // namespace xmr
