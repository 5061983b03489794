#include "xmr/model/chunk_builder.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "xmr/model/chunk_bytes.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/float16.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {

namespace {

// Mean number of rows in a block of 12 slots. Fuller tables are smaller, but more rows leave their home block.
constexpr double kFill = 0.82 * RowBlock::kRows;

// A weight takes at most 3 units: value, child, size of its row.
constexpr std::uint64_t kMaxWeights = std::numeric_limits<std::uint32_t>::max() / 3;

// Dense rows may be larger than sparse rows by this factor, because whole vectors are added.
constexpr double kDenseAdvantage = 1.25;

}  // namespace

ChunkBuilder::ChunkBuilder(std::uint32_t children, std::uint64_t features, WeightType type)
    : features_(features), type_(type), bias_(children) {
  assert(features <= kNoFeature);
  for (std::uint32_t first = 0; first < children; first += std::min(kSectionChildren, children - first))
    sections_.push_back({std::min(kSectionChildren, children - first), {}, 0});
}

void ChunkBuilder::reserve(std::uint64_t weights) {
  children_.reserve(weights);
  values_.reserve(weights * size_of(type_));
}

void ChunkBuilder::add(FeatureId feature, std::span<const ChildWeight> weights) {
  assert(feature < features_);
  for (const auto& [child, value] : weights) {
    const std::uint16_t half = type_ == WeightType::f2 ? to_float16(value) : std::uint16_t{0};
    if (type_ == WeightType::f2 && !std::isfinite(from_float16(half)))
      throw DataError("weights", fmt::format("{} is too large for 16 bits, at most {}", value, kLargestFloat16),
                      "--weight-type f4 keeps 32 bits");
    if ((type_ == WeightType::f2 ? from_float16(half) : value) == 0) continue;
    Section& section = sections_[child / kSectionChildren];
    if (section.rows.empty() || section.rows.back().feature != feature)
      section.rows.push_back({feature, 0, children_.size()});
    assert(section.rows.back().feature <= feature);
    children_.push_back(static_cast<std::uint8_t>(child % kSectionChildren));
    values_.append(
        type_ == WeightType::f2 ? reinterpret_cast<const char*>(&half) : reinterpret_cast<const char*>(&value),
        size_of(type_));
    ++section.rows.back().size;
    if (++section.weights > kMaxWeights)
      throw DataError("weights",
                      fmt::format("{} children of one node have more than {}", section.children, kMaxWeights),
                      "a larger --threshold, or --top-weights, keeps fewer");
  }
}

ChunkBuilder::Layout ChunkBuilder::layout_of(const Section& section) const {
  Layout layout;
  if (section.rows.empty()) return layout;
  const std::size_t rows = section.rows.size();
  // Units of sparse rows, and of their sizes in a bitmap.
  std::uint32_t units = 0, size_units = 0, group = 0, of_group = 0;
  for (const Row& row : section.rows) {
    units += row_units(row.size, section.children, type_);
    if (row.feature / FeatureGroup::kFeatures != group) {
      size_units += units_of_bytes(of_group, type_);
      group = row.feature / FeatureGroup::kFeatures;
      of_group = 0;
    }
    ++of_group;
  }
  size_units += units_of_bytes(of_group, type_);
  const double dense = static_cast<double>(rows) * section.children, sparse = units;
  if (dense < kDenseAdvantage * sparse) {
    layout.form = RowForm::dense;
    units = static_cast<std::uint32_t>(rows);
    size_units = 0;
  }
  // One more block than needed, so that a slot stays free.
  const std::uint32_t blocks = static_cast<std::uint32_t>(static_cast<double>(rows) / kFill) + 1;
  const std::uint32_t lines = bitmap_lines(features_);
  const std::uint64_t bitmap = std::uint64_t{lines} * kChunkAlignment + std::uint64_t{size_units} * size_of(type_);
  if (bitmap < std::uint64_t{blocks} * kChunkAlignment) {
    layout.table = TableForm::bitmap;
    layout.lines = lines;
    layout.units = units + size_units;
  } else {
    layout.lines = blocks;
    layout.units = units;
  }
  return layout;
}

void ChunkBuilder::finish(std::string& out) const {
  const auto children = static_cast<std::uint32_t>(bias_.size());
  const auto count = static_cast<std::uint32_t>(sections_.size());
  std::vector<Layout> layouts;
  std::vector<chunk_bytes::Entry> entries;
  std::uint64_t size = chunk_bytes::tables_position(children);
  for (const Section& section : sections_) {
    const Layout& layout = layouts.emplace_back(layout_of(section));
    entries.push_back({.table = size,
                       .weights = section.weights,
                       .lines = layout.lines,
                       .rows = static_cast<std::uint32_t>(section.rows.size()),
                       .units = layout.units,
                       .form = layout.form,
                       .table_form = layout.table,
                       .reserved = {}});
    size += chunk_bytes::section_size(layout.lines, layout.units, unit_size(layout.form, type_, section.children));
  }
  const std::size_t begin = out.size();
  out.resize(begin + size);  // zeros, including padding
  char* const bytes = out.data() + begin;
  chunk_bytes::Header header{.checksum = 0, .children = children, .sections = count, .type = type_, .reserved = {}};
  std::memcpy(bytes, &header, sizeof header);
  if (!entries.empty()) {
    std::memcpy(bytes + sizeof header, entries.data(), entries.size() * sizeof(chunk_bytes::Entry));
    std::memcpy(bytes + chunk_bytes::bias_position(count), bias_.data(), bias_.size() * sizeof(float));
  }
  for (std::uint32_t n = 0; n < count; ++n) {
    const bool is_hash = layouts[n].table == TableForm::hash;
    char* const table = bytes + entries[n].table;
    is_hash ? write_hash(sections_[n], layouts[n], table) : write_bitmap(sections_[n], layouts[n], table);
  }
  header.checksum = hash64(std::string_view(bytes, size).substr(sizeof header.checksum));
  std::memcpy(bytes, &header.checksum, sizeof header.checksum);
}

void ChunkBuilder::write_hash(const Section& section, const Layout& layout, char* at) const {
  const std::uint32_t blocks = layout.lines;
  // The row in each slot, and the number of used slots of each block.
  std::vector<std::uint32_t> slots(std::size_t{blocks} * RowBlock::kRows);
  std::vector<std::uint8_t> taken(blocks);
  for (std::uint32_t row = 0; row < section.rows.size(); ++row) {
    std::uint32_t block = home_block(section.rows[row].feature, blocks);
    while (taken[block] == RowBlock::kRows)
      block = block + 1 == blocks ? 0 : block + 1;
    slots[std::size_t{block} * RowBlock::kRows + taken[block]++] = row;
  }
  const std::uint64_t unit = unit_size(layout.form, type_, section.children);
  char* const payload = at + std::size_t{blocks} * sizeof(RowBlock);
  std::uint32_t units = 0;
  for (std::uint32_t b = 0; b < blocks; ++b) {
    RowBlock block{.features = {}, .sizes = {}, .base = units};
    std::ranges::fill(block.features, kNoFeature);
    for (std::uint32_t slot = 0; slot < taken[b]; ++slot) {
      const Row& row = section.rows[slots[std::size_t{b} * RowBlock::kRows + slot]];
      block.features[slot] = row.feature;
      block.sizes[slot] = static_cast<std::uint8_t>(write_row(section, row, layout.form, payload + units * unit));
      units += block.sizes[slot];
    }
    std::memcpy(at + std::size_t{b} * sizeof block, &block, sizeof block);
  }
}

void ChunkBuilder::write_bitmap(const Section& section, const Layout& layout, char* at) const {
  const std::uint64_t unit = unit_size(layout.form, type_, section.children);
  char* const payload = at + std::size_t{layout.lines} * kChunkAlignment;
  std::uint32_t units = 0;
  auto row = section.rows.begin();
  for (std::uint32_t g = 0; g < layout.lines * kGroupsOfLine; ++g) {
    FeatureGroup group{.present = 0, .base = units};
    auto end = row;
    for (; end != section.rows.end() && end->feature / FeatureGroup::kFeatures == g; ++end)
      group.present |= std::uint32_t{1} << end->feature % FeatureGroup::kFeatures;
    char* size = payload + units * unit;
    if (layout.form == RowForm::sparse) units += units_of_bytes(static_cast<std::uint32_t>(end - row), type_);
    for (; row != end; ++row) {
      const std::uint32_t of_row = write_row(section, *row, layout.form, payload + units * unit);
      if (layout.form == RowForm::sparse) *size++ = static_cast<char>(of_row);
      units += of_row;
    }
    std::memcpy(at + std::size_t{g} * sizeof group, &group, sizeof group);
  }
}

// Returns the row's size in units.
std::uint32_t ChunkBuilder::write_row(const Section& section, const Row& row, RowForm form, char* at) const {
  const std::uint32_t width = size_of(type_);
  const auto children = std::span(children_).subspan(row.begin, row.size);
  const char* const values = values_.data() + row.begin * width;
  if (form == RowForm::dense) {
    for (std::uint32_t i = 0; i < row.size; ++i)
      std::memcpy(at + std::size_t{children[i]} * width, values + std::size_t{i} * width, width);
    return 1;
  }
  const bool is_masked = row.size >= least_masked(section.children);
  std::memcpy(at + (is_masked ? std::size_t{mask_units(section.children, type_)} * width : 0), values,
              std::size_t{row.size} * width);
  if (is_masked) {
    for (const std::uint8_t child : children)
      at[child / 8] = static_cast<char>(at[child / 8] | 1 << child % 8);
  } else {
    std::memcpy(at + std::size_t{row.size} * width, children.data(), row.size);
  }
  return row_units(row.size, section.children, type_);
}

}  // namespace xmr
