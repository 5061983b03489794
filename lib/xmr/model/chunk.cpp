#include "xmr/model/chunk.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

#include <fmt/format.h>

#include "xmr/model/chunk_bytes.hpp"
#include "xmr/model/section_rows.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {

using chunk_bytes::Entry;
using chunk_bytes::Header;

namespace {

constexpr const char* kTableMismatch = "the table is not that of the payload";

const Header& header_of(std::string_view bytes) {
  return *reinterpret_cast<const Header*>(bytes.data());
}
const Entry& entry_of(std::string_view bytes, std::uint32_t section) {
  return reinterpret_cast<const Entry*>(bytes.data() + sizeof(Header))[section];
}

// Do the sections follow each other to the end of the bytes?
bool sizes_fit(std::string_view bytes) {
  const Header& header = header_of(bytes);
  if (header.type != WeightType::f2 && header.type != WeightType::f4) return false;
  // The counts are compared with the size before anything behind the header is read.
  if (header.children > bytes.size() || header.sections != chunk_bytes::sections_of(header.children)) return false;
  std::uint64_t position = chunk_bytes::tables_position(header.children);
  if (position > bytes.size()) return false;
  const ChunkView chunk = ChunkView::trusted(bytes);
  for (std::uint32_t n = 0; n < header.sections; ++n) {
    const Entry& entry = entry_of(bytes, n);
    if (entry.form != RowForm::sparse && entry.form != RowForm::dense) return false;
    if (entry.table_form != TableForm::hash && entry.table_form != TableForm::bitmap) return false;
    if (entry.table != position) return false;
    position += chunk_bytes::section_size(entry.lines, entry.units, chunk.section(n).unit());
    if (position > bytes.size()) return false;
  }
  return position == bytes.size();
}

// Faults of the sizes of rows: of one row, and of all together.
struct SizeCheck {
  std::uint32_t least, most;  // units of a row
  std::uint64_t rows = 0, units = 0;
  bool in_range = true;

  void add(std::uint32_t size) {
    in_range = in_range && size >= least && size <= most;
    units += size;
    ++rows;
  }
};

const char* find_fault_in_hash(const SectionView& section, std::uint64_t feature_count, SizeCheck& sizes) {
  for (const RowBlock& block : section.blocks) {
    if (block.base != sizes.units) return "the bases are not the sums of the sizes";
    bool is_free = false;
    for (std::uint32_t slot = 0; slot < RowBlock::kRows; ++slot) {
      const FeatureId feature = block.features[slot];
      is_free = is_free || feature == kNoFeature;
      if (is_free) {
        if (feature != kNoFeature || block.sizes[slot] != 0) return "a row behind a free slot";
        continue;
      }
      if (feature >= feature_count) return "a feature is outside the model's";
      sizes.add(block.sizes[slot]);
    }
  }
  if (sizes.rows == section.blocks.size() * RowBlock::kRows) return "the table has no free slot";
  return nullptr;
}

const char* find_fault_in_bitmap(const SectionView& section, std::uint64_t feature_count, SizeCheck& sizes) {
  if (section.groups.size() != std::size_t{kGroupsOfLine} * bitmap_lines(feature_count))
    return "the bitmap is not that of the model's features";
  std::uint64_t first = 0;  // feature of the group
  for (const FeatureGroup& group : section.groups) {
    if (group.base != sizes.units) return "the bases are not the sums of the sizes";
    const auto rows = static_cast<std::uint32_t>(std::popcount(group.present));
    if (group.present != 0 && first + 31 - std::countl_zero(group.present) >= feature_count)
      return "a feature is outside the model's";
    first += FeatureGroup::kFeatures;
    if (section.form == RowForm::dense) {
      sizes.units += rows;
      sizes.rows += rows;
      continue;
    }
    // The sizes may be read where they lie in the payload.
    if (sizes.units + units_of_bytes(rows, section.type) > section.units) return kTableMismatch;
    const std::uint8_t* const size = section.payload + sizes.units * section.unit();
    sizes.units += units_of_bytes(rows, section.type);
    for (std::uint32_t row = 0; row < rows; ++row)
      sizes.add(size[row]);
  }
  return nullptr;
}

const char* find_fault_in_table(const SectionView& section, std::uint64_t feature_count) {
  SizeCheck sizes{.least = 1, .most = 1};
  if (section.form == RowForm::sparse) {
    sizes.least = row_units(1, section.children, section.type);
    sizes.most = row_units(section.children, section.children, section.type);
  }
  const bool is_hash = section.table == TableForm::hash;
  if (is_hash && section.blocks.empty()) return section.rows == 0 && section.units == 0 ? nullptr : kTableMismatch;
  if (const char* fault = is_hash ? find_fault_in_hash(section, feature_count, sizes)
                                  : find_fault_in_bitmap(section, feature_count, sizes))
    return fault;
  if (!sizes.in_range) return "the size of a row is out of range";
  if (sizes.units != section.units || sizes.rows != section.rows) return kTableMismatch;
  return nullptr;
}

// Do masked rows have as many values as their masks say? The sizes are right.
const char* find_fault_in_masks(const SectionView& section) {
  if (section.form == RowForm::dense) return nullptr;
  const std::uint32_t least = least_masked_units(section.children, section.type);
  const std::uint32_t units_of_masks = mask_units(section.children, section.type);
  const std::uint32_t masks = masks_of(section.children);
  bool fits = true;
  for_rows(section, [&](FeatureId, const std::uint8_t* row, std::uint32_t units) {
    if (units < least) return;
    std::uint32_t weights = 0;
    for (std::uint32_t n = 0; n < masks; ++n)
      weights += static_cast<std::uint32_t>(std::popcount(mask_at(row, n)));
    fits &= weights + units_of_masks == units;
  });
  return fits ? nullptr : "a mask is not that of its values";
}

// What is wrong with a chunk whose parts have the right sizes; nullptr if nothing.
const char* find_fault(const ChunkView& chunk, std::uint64_t feature_count) {
  for (const float value : chunk.bias())
    if (!std::isfinite(value)) return "a bias is not finite";
  for (std::uint32_t n = 0; n < chunk.sections(); ++n) {
    const SectionView section = chunk.section(n);
    if (const char* fault = find_fault_in_table(section, feature_count)) return fault;
    if (const char* fault = find_fault_in_masks(section)) return fault;
  }
  return nullptr;
}

}  // namespace

std::string_view weight_type_name(WeightType type) {
  return type == WeightType::f2 ? "f2" : "f4";
}

ChunkView ChunkView::open(std::string_view bytes, std::uint32_t children, std::uint64_t feature_count,
                          const std::string& place) {
  assert(reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(Header) == 0);
  if (bytes.size() < sizeof(Header))
    throw FormatError(place, fmt::format("a chunk of {} bytes, at least {} are needed", bytes.size(), sizeof(Header)));
  const Header& header = header_of(bytes);
  if (header.checksum != hash64(bytes.substr(sizeof header.checksum)) || !sizes_fit(bytes))
    throw FormatError(place, "damaged chunk (checksum)");
  if (header.children != children)
    throw FormatError(place, fmt::format("a chunk of {} children, the tree has {}", header.children, children));
  const ChunkView chunk(bytes);
  if (const char* fault = find_fault(chunk, feature_count))
    throw FormatError(place, fmt::format("bad chunk: {}", fault));
  return chunk;
}

std::uint32_t ChunkView::children() const {
  return header_of(bytes_).children;
}

WeightType ChunkView::type() const {
  return header_of(bytes_).type;
}

std::uint32_t ChunkView::sections() const {
  return header_of(bytes_).sections;
}

std::span<const float> ChunkView::bias() const {
  const std::uint64_t position = chunk_bytes::bias_position(sections());
  return {reinterpret_cast<const float*>(bytes_.data() + position), children()};
}

SectionView ChunkView::section(std::uint32_t n) const {
  const Entry& entry = entry_of(bytes_, n);
  const std::uint32_t first = n * kSectionChildren, count = std::min(kSectionChildren, children() - first);
  const char* const table = bytes_.data() + entry.table;
  SectionView section{.first_child = first,
                      .children = count,
                      .type = type(),
                      .form = entry.form,
                      .table = entry.table_form,
                      .bias = bias().subspan(first, count),
                      .blocks = {},
                      .groups = {},
                      .payload = reinterpret_cast<const std::uint8_t*>(table) + entry.lines * kChunkAlignment,
                      .units = entry.units,
                      .rows = entry.rows,
                      .weights = entry.weights};
  if (section.table == TableForm::hash)
    section.blocks = {reinterpret_cast<const RowBlock*>(table), entry.lines};
  else
    section.groups = {reinterpret_cast<const FeatureGroup*>(table), std::size_t{entry.lines} * kGroupsOfLine};
  return section;
}

std::uint64_t ChunkView::weights() const {
  std::uint64_t count = 0;
  for (std::uint32_t n = 0; n < sections(); ++n)
    count += entry_of(bytes_, n).weights;
  return count;
}

}  // namespace xmr
