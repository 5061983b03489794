#include "xmr/model/visit_check.hpp"

#include <bit>

#include "xmr/model/section_check.hpp"
#include "xmr/model/section_rows.hpp"

namespace xmr {
namespace {

// Looks rows up as the kernel does (predict/kernels.cpp), which reads the same lines of the table.
class SectionVisit {
 public:
  SectionVisit(const SectionView& section, const Touch& touch)
      : section_(section), touch_(touch), most_(section.form == RowForm::dense ? 1 : section.children) {}

  const char* find_fault(FeatureId feature) const {
    switch (section_.table) {
      case TableForm::bitmap:
        return in_bitmap(feature);
      case TableForm::hash:
        return in_hash(feature);
      case TableForm::wide_hash:
        break;
    }
    return in_wide_hash(feature);
  }

 private:
  const char* in_bitmap(FeatureId feature) const {
    const FeatureGroup& group = section_.groups()[feature / FeatureGroup::kFeatures];
    touch_(&group, sizeof group);
    const std::uint32_t bit = feature % FeatureGroup::kFeatures;
    if ((group.present >> bit & 1) == 0) return nullptr;
    const auto before = static_cast<std::uint32_t>(std::popcount(group.present & ((std::uint32_t{1} << bit) - 1)));
    if (section_.form == RowForm::dense) return row(std::uint64_t{group.base} + before, 1);
    const auto count = static_cast<std::uint32_t>(std::popcount(group.present));
    if (std::uint64_t{group.base} + count > section_.units) return section_fault::kTable;
    const std::uint8_t* const sizes = section_.payload + group.base;
    touch_(sizes, count);
    return row(std::uint64_t{group.base} + count + units_before(sizes, before), sizes[before]);
  }

  const char* in_hash(FeatureId feature) const {
    const FeatureHash hash = section_.hash();
    const FeatureHash::Place home = hash.place(feature);
    std::uint32_t at = home.block;
    for (std::uint32_t key = home.key; key <= RowBlock::kMaxKey; key += hash.step()) {
      const RowBlock& block = section_.blocks()[at];
      touch_(&block, sizeof block);
      for (std::uint32_t slot = 0; slot < RowBlock::kRows; ++slot)
        if (block.keys[slot] == key)
          return block.sizes[slot] == 0 ? nullptr
                                        : row(block.base + units_before(block.sizes, slot), block.sizes[slot]);
      if (!block.is_full()) return nullptr;
      at = at + 1 == section_.line_count ? 0 : at + 1;
    }
    return nullptr;
  }

  const char* in_wide_hash(FeatureId feature) const {
    std::uint32_t at = home_block(feature, section_.line_count);
    for (std::uint32_t n = 0; n < section_.line_count; ++n) {
      const WideBlock& block = section_.wide_blocks()[at];
      touch_(&block, sizeof block);
      for (std::uint32_t slot = 0; slot < WideBlock::kRows; ++slot)
        if (block.features[slot] == feature)
          return row(block.base + units_before(block.sizes, slot), block.sizes[slot]);
      if (!block.is_full()) return nullptr;
      at = at + 1 == section_.line_count ? 0 : at + 1;
    }
    return section_fault::kNoFreeSlot;
  }

  // Units of the first `count` rows.
  std::uint64_t units_before(const std::uint8_t* sizes, std::uint32_t count) const {
    std::uint64_t units = 0;
    for (std::uint32_t n = 0; n < count; ++n)
      units += section_.row_units(sizes[n]);
    return units;
  }

  const char* row(std::uint64_t begin, std::uint32_t size) const {
    if (size == 0 || size > most_) return section_fault::kSize;
    const std::uint32_t units = section_.row_units(size);
    if (begin + units > section_.units) return section_fault::kTable;
    const std::uint8_t* const at = section_.payload + begin * section_.unit();
    touch_(at, std::size_t{units} * section_.unit());
    if (section_.form == RowForm::dense || !is_masked(size, section_.children)) return nullptr;
    std::uint32_t weights = 0;
    for (std::uint32_t n = 0; n < masks_of(section_.children); ++n)
      weights += static_cast<std::uint32_t>(std::popcount(mask_at(at, n)));
    return weights == size ? nullptr : section_fault::kMask;
  }

  const SectionView& section_;
  const Touch& touch_;
  const std::uint32_t most_;
};

}  // namespace

const char* find_visit_fault(const ChunkView& chunk, SparseRow query, const Touch& touch) {
  for (std::uint32_t n = 0; n < chunk.sections(); ++n) {
    const SectionView section = chunk.section(n);
    if (section.line_count == 0) continue;
    const SectionVisit visit(section, touch);
    for (const FeatureId feature : query.indices)
      if (const char* fault = visit.find_fault(feature)) return fault;
  }
  return nullptr;
}

}  // namespace xmr
