#include "xmr/model/section_check.hpp"

#include "xmr/model/section_rows.hpp"
#include "xmr/util/targets.hpp"

// Compiled for each instruction set, because it counts bits.
#define HWY_TARGET_INCLUDE "xmr/model/section_check.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace xmr::HWY_NAMESPACE {
namespace {

// Checks the rows in the order of the payload.
class RowCheck {
 public:
  explicit RowCheck(const SectionView& section)
      : section_(section),
        masks_(masks_of(section.children)),
        most_(section.form == RowForm::dense ? 1 : section.children) {}

  std::uint64_t units() const { return units_; }
  std::uint64_t rows() const { return rows_; }
  bool is_in_payload() const { return units_ <= section_.units; }
  const std::uint8_t* position() const { return section_.payload + units_ * section_.unit(); }

  void pass(std::uint32_t units) { units_ += units; }
  // Checks a row of `size` at position(), which is inside the payload.
  void add(std::uint32_t size) {
    sizes_fit_ &= size > 0 && size <= most_;
    // Masks may be read beyond the end of the payload: the slack is longer.
    if (section_.form == RowForm::sparse && is_masked(size, section_.children)) {
      std::size_t weights = 0;
      for (std::uint32_t n = 0; n < masks_; ++n)
        weights += hwy::PopCount(std::uint32_t{mask_at(position(), n)});
      masks_fit_ &= weights == size;
    }
    units_ += section_.row_units(size);
    ++rows_;
  }

  const char* fault() const {
    if (!sizes_fit_) return section_fault::kSize;
    if (units_ != section_.units || rows_ != section_.rows) return section_fault::kTable;
    return masks_fit_ ? nullptr : section_fault::kMask;
  }

 private:
  const SectionView section_;
  const std::uint32_t masks_, most_;
  std::uint64_t units_ = 0, rows_ = 0;
  bool sizes_fit_ = true, masks_fit_ = true;
};

constexpr const char* kWrongBase = "the bases are not the sums of the sizes";
constexpr const char* kWrongFeature = "a feature is outside the model's";

constexpr const char* kBehindFree = "a row behind a free slot";

const char* check_hash(const SectionView& section, std::uint64_t feature_count, RowCheck& rows) {
  if (section.line_count == 0) return rows.fault();
  const FeatureHash hash = section.hash();
  for (std::uint32_t b = 0; b < section.line_count; ++b) {
    const RowBlock& block = section.blocks()[b];
    if (block.base != rows.units()) return kWrongBase;
    bool is_free = false;
    for (std::uint32_t slot = 0; slot < RowBlock::kRows; ++slot) {
      const std::uint32_t size = block.sizes[slot];
      is_free = is_free || size == 0;
      if (is_free) {
        if (size != 0) return kBehindFree;
        continue;
      }
      if (hash.feature(b, block.keys[slot]) >= feature_count) return kWrongFeature;
      if (!rows.is_in_payload()) return rows.fault();
      rows.add(size);
    }
  }
  if (rows.rows() == std::uint64_t{section.line_count} * RowBlock::kRows) return section_fault::kNoFreeSlot;
  return rows.fault();
}

const char* check_wide_hash(const SectionView& section, std::uint64_t feature_count, RowCheck& rows) {
  for (const WideBlock& block : section.wide_blocks()) {
    if (block.base != rows.units()) return kWrongBase;
    bool is_free = false;
    for (std::uint32_t slot = 0; slot < WideBlock::kRows; ++slot) {
      const FeatureId feature = block.features[slot];
      is_free = is_free || feature == kNoFeature;
      if (is_free) {
        if (feature != kNoFeature || block.sizes[slot] != 0) return kBehindFree;
        continue;
      }
      if (feature >= feature_count) return kWrongFeature;
      if (!rows.is_in_payload()) return rows.fault();
      rows.add(block.sizes[slot]);
    }
  }
  if (section.line_count > 0 && rows.rows() == std::uint64_t{section.line_count} * WideBlock::kRows)
    return section_fault::kNoFreeSlot;
  return rows.fault();
}

const char* check_bitmap(const SectionView& section, std::uint64_t feature_count, RowCheck& rows) {
  std::uint64_t end = 0;  // one past the features of the group
  for (const FeatureGroup& group : section.groups()) {
    if (group.base != rows.units()) return kWrongBase;
    end += FeatureGroup::kFeatures;
    if (group.present == 0) continue;
    if (end - hwy::Num0BitsAboveMS1Bit_Nonzero32(group.present) > feature_count) return kWrongFeature;
    const auto count = static_cast<std::uint32_t>(hwy::PopCount(group.present));
    const std::uint8_t* const sizes = rows.position();
    if (section.form == RowForm::sparse) rows.pass(count);
    for (std::uint32_t row = 0; row < count; ++row) {
      if (!rows.is_in_payload()) return rows.fault();
      rows.add(section.form == RowForm::sparse ? sizes[row] : 1);
    }
  }
  return rows.fault();
}

const char* check(const SectionView& section, std::uint64_t feature_count) {
  RowCheck rows(section);
  switch (section.table) {
    case TableForm::hash:
      return check_hash(section, feature_count, rows);
    case TableForm::bitmap:
      return check_bitmap(section, feature_count, rows);
    case TableForm::wide_hash:
      break;
  }
  return check_wide_hash(section, feature_count, rows);
}

}  // namespace
}  // namespace xmr::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace xmr {

const char* find_table_fault(const SectionView& section, std::uint64_t feature_count) {
  if (section.table == TableForm::bitmap)
    return section.line_count != bitmap_lines(feature_count) ? "the bitmap is not that of the model's features"
                                                             : nullptr;
  if (section.table == TableForm::hash && section.line_count > 0 &&
      (section.feature_bits != feature_bits(feature_count) ||
       section.line_count > std::uint64_t{1} << section.feature_bits || section.hash().key_bits() > 16))
    return "the table is not that of the model's features";
  return nullptr;
}

const char* find_fault(const SectionView& section, std::uint64_t feature_count) {
  return XMR_BEST_TARGET(check)(section, feature_count);
}

}  // namespace xmr
#endif
