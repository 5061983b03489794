#pragma once
// Visits all rows of a section in place.
//
//   for_rows(section, [&](FeatureId feature, const std::uint8_t* row, std::uint32_t size) { ... });
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
  const std::size_t unit = section.unit();
  const std::uint8_t* row = section.payload;
  const auto take = [&](FeatureId feature, std::uint32_t size) {
    visit(feature, row, size);
    row += section.row_units(size) * unit;
  };
  if (section.table == TableForm::hash && section.line_count > 0) {
    const FeatureHash hash = section.hash();
    for (std::uint32_t b = 0; b < section.line_count; ++b) {
      const RowBlock& block = section.blocks()[b];
      for (std::uint32_t slot = 0; slot < RowBlock::kRows && block.sizes[slot] != 0; ++slot)
        take(hash.feature(b, block.keys[slot]), block.sizes[slot]);
    }
  } else if (section.table == TableForm::wide_hash) {
    for (const WideBlock& block : section.wide_blocks())
      for (std::uint32_t slot = 0; slot < WideBlock::kRows && block.features[slot] != kNoFeature; ++slot)
        take(block.features[slot], block.sizes[slot]);
  } else if (section.table == TableForm::bitmap) {
    const bool is_sparse = section.form == RowForm::sparse;
    FeatureId first = 0;
    for (const FeatureGroup& group : section.groups()) {
      const std::uint8_t* size = row;
      if (is_sparse) row += std::popcount(group.present);
      for (std::uint32_t rest = group.present; rest != 0; rest &= rest - 1)
        take(first + static_cast<FeatureId>(std::countr_zero(rest)), is_sparse ? *size++ : 1);
      first += FeatureGroup::kFeatures;
    }
  }
}

}  // namespace xmr
