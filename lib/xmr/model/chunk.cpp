#include "xmr/model/chunk.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "xmr/model/chunk_bytes.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/float16.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {

using chunk_bytes::Entry;
using chunk_bytes::Header;

namespace {

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
    if (entry.table != position) return false;
    position += chunk_bytes::section_size(entry.blocks, entry.units, chunk.section(n).unit());
    if (position > bytes.size()) return false;
  }
  return position == bytes.size();
}

const char* find_fault_in_table(const SectionView& section, std::uint64_t feature_count) {
  const std::uint32_t most = section.form == RowForm::dense ? 1 : section.children;
  std::uint64_t rows = 0, units = 0;
  for (const RowBlock& block : section.blocks) {
    if (block.base != units) return "the bases are not the sums of the sizes";
    bool is_free = false;
    for (std::uint32_t slot = 0; slot < RowBlock::kRows; ++slot) {
      const FeatureId feature = block.features[slot];
      const std::uint32_t size = block.sizes[slot];
      is_free = is_free || feature == kNoFeature;
      if (is_free) {
        if (feature != kNoFeature || size != 0) return "a row behind a free slot";
        continue;
      }
      if (feature >= feature_count) return "a feature is outside the model's";
      if (size == 0 || size > most) return "the size of a row is out of range";
      units += size;
      ++rows;
    }
  }
  if (units != section.units || rows != section.rows) return "the table is not that of the payload";
  if (!section.blocks.empty() && rows == section.blocks.size() * RowBlock::kRows) return "the table has no free slot";
  return nullptr;
}

bool is_finite(std::uint16_t half) {
  return (half & 0x7c00U) != 0x7c00U;
}
bool is_finite(float value) {
  return std::isfinite(value);
}
bool is_zero(std::uint16_t half) {
  return (half & 0x7fffU) == 0;
}
bool is_zero(float value) {
  return value == 0;
}

template <class Value>
const char* find_fault_in_rows(const SectionView& section) {
  std::uint64_t weights = 0;
  const auto value_at = [](const std::uint8_t* at) {
    Value value;
    std::memcpy(&value, at, sizeof value);
    return value;
  };
  if (section.form == RowForm::dense) {
    bool finite = true;
    const std::uint64_t count = std::uint64_t{section.units} * section.children;
    for (std::uint64_t i = 0; i < count; ++i) {
      const Value value = value_at(section.payload + i * sizeof(Value));
      finite &= is_finite(value);
      weights += is_zero(value) ? 0 : 1;
    }
    if (!finite) return "a weight is not finite";
  } else {
    const std::uint8_t* row = section.payload;
    for (const RowBlock& block : section.blocks)
      for (const std::uint8_t size : block.sizes) {
        const std::uint8_t* const children = row + size * sizeof(Value);
        for (std::uint32_t i = 0; i < size; ++i) {
          const Value value = value_at(row + i * sizeof(Value));
          if (!is_finite(value) || is_zero(value)) return "a weight is 0 or not finite";
          if (children[i] >= section.children) return "a weight belongs to no child";
          if (i > 0 && children[i] <= children[i - 1]) return "the children of a feature are not increasing";
        }
        row = children + size;
      }
    weights = section.units;
  }
  return weights == section.weights ? nullptr : "the number of weights is wrong";
}

// What is wrong with the content of a chunk whose sizes are right; nullptr if nothing.
const char* find_fault(const ChunkView& chunk, std::uint64_t feature_count) {
  for (const float value : chunk.bias())
    if (!std::isfinite(value)) return "a bias is not finite";
  for (std::uint32_t n = 0; n < chunk.sections(); ++n) {
    const SectionView section = chunk.section(n);
    if (const char* fault = find_fault_in_table(section, feature_count)) return fault;
    if (const char* fault = chunk.type() == WeightType::f2 ? find_fault_in_rows<std::uint16_t>(section)
                                                           : find_fault_in_rows<float>(section))
      return fault;
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
  const auto* const blocks = reinterpret_cast<const RowBlock*>(bytes_.data() + entry.table);
  return {.first_child = first,
          .children = count,
          .type = type(),
          .form = entry.form,
          .bias = bias().subspan(first, count),
          .blocks = {blocks, entry.blocks},
          .payload = reinterpret_cast<const std::uint8_t*>(blocks + entry.blocks),
          .units = entry.units,
          .rows = entry.rows,
          .weights = entry.weights};
}

std::uint64_t ChunkView::weights() const {
  std::uint64_t count = 0;
  for (std::uint32_t n = 0; n < sections(); ++n)
    count += entry_of(bytes_, n).weights;
  return count;
}

}  // namespace xmr
