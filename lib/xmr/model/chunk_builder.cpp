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

// Rows per block of 12 slots, on average: fuller tables are smaller, but more rows are not where they are sought first.
constexpr double kFill = 0.82 * RowBlock::kRows;

// Dense rows are added by whole vectors: they may be larger than sparse ones by this factor.
constexpr double kDenseAdvantage = 1.25;

}  // namespace

ChunkBuilder::ChunkBuilder(std::uint32_t children, WeightType type) : type_(type), bias_(children) {
  for (std::uint32_t first = 0; first < children; first += std::min(kSectionChildren, children - first))
    sections_.push_back({std::min(kSectionChildren, children - first), {}, 0});
}

float ChunkBuilder::rounded(float value) const {
  if (type_ == WeightType::f4) return value;
  const float near = from_float16(to_float16(value));
  if (!std::isfinite(near))
    throw DataError("weights", fmt::format("{} is too large for 16 bits, at most {}", value, kLargestFloat16),
                    "--weight-type f4 keeps 32 bits");
  return near;
}

void ChunkBuilder::add(FeatureId feature, std::span<const ChildWeight> weights) {
  if (feature == kNoFeature) throw DataError("weights", fmt::format("feature {} is one too many", feature));
  for (const auto& [child, value] : weights) {
    const float near = rounded(value);
    if (near == 0) continue;
    Section& section = sections_[child / kSectionChildren];
    if (section.rows.empty() || section.rows.back().feature != feature)
      section.rows.push_back({feature, 0, weights_.size()});
    assert(section.rows.back().feature <= feature);
    weights_.push_back({child % kSectionChildren, near});
    ++section.rows.back().size;
    if (++section.weights > std::numeric_limits<std::uint32_t>::max())
      throw DataError("weights", fmt::format("{} children of one node have more than 4294967295", section.children),
                      "a larger --threshold, or --top-weights, keeps fewer");
  }
}

RowForm ChunkBuilder::Section::form(WeightType type) const {
  const double dense = static_cast<double>(rows.size()) * children * size_of(type);
  const double sparse = static_cast<double>(weights) * (size_of(type) + 1);
  return dense < kDenseAdvantage * sparse ? RowForm::dense : RowForm::sparse;
}

std::uint32_t ChunkBuilder::Section::blocks() const {
  // One more than they fill, so that a slot stays free.
  return rows.empty() ? 0 : static_cast<std::uint32_t>(static_cast<double>(rows.size()) / kFill) + 1;
}

std::uint32_t ChunkBuilder::Section::units(WeightType type) const {
  return static_cast<std::uint32_t>(form(type) == RowForm::dense ? rows.size() : weights);
}

void ChunkBuilder::finish(std::string& out) const {
  const auto children = static_cast<std::uint32_t>(bias_.size());
  const auto count = static_cast<std::uint32_t>(sections_.size());
  std::vector<chunk_bytes::Entry> entries;
  std::uint64_t size = chunk_bytes::tables_position(children);
  for (const Section& section : sections_) {
    const RowForm form = section.form(type_);
    entries.push_back({.table = size,
                       .weights = section.weights,
                       .blocks = section.blocks(),
                       .rows = static_cast<std::uint32_t>(section.rows.size()),
                       .units = section.units(type_),
                       .form = form,
                       .reserved = {}});
    size += chunk_bytes::section_size(section.blocks(), section.units(type_), unit_size(form, type_, section.children));
  }
  const std::size_t begin = out.size();
  out.resize(begin + size);  // zeros, the padding among them
  char* const bytes = out.data() + begin;
  chunk_bytes::Header header{.checksum = 0, .children = children, .sections = count, .type = type_, .reserved = {}};
  std::memcpy(bytes, &header, sizeof header);
  if (!entries.empty()) {
    std::memcpy(bytes + sizeof header, entries.data(), entries.size() * sizeof(chunk_bytes::Entry));
    std::memcpy(bytes + chunk_bytes::bias_position(count), bias_.data(), bias_.size() * sizeof(float));
  }
  for (std::uint32_t n = 0; n < count; ++n)
    write_section(sections_[n], bytes + entries[n].table);
  header.checksum = hash64(std::string_view(bytes, size).substr(sizeof header.checksum));
  std::memcpy(bytes, &header.checksum, sizeof header.checksum);
}

void ChunkBuilder::write_section(const Section& section, char* at) const {
  const std::uint32_t blocks = section.blocks();
  // Which row is in each slot, and how many of a block's slots are taken.
  std::vector<std::uint32_t> slots(std::size_t{blocks} * RowBlock::kRows);
  std::vector<std::uint8_t> taken(blocks);
  for (std::uint32_t row = 0; row < section.rows.size(); ++row) {
    std::uint32_t block = home_block(section.rows[row].feature, blocks);
    while (taken[block] == RowBlock::kRows)
      block = block + 1 == blocks ? 0 : block + 1;
    slots[std::size_t{block} * RowBlock::kRows + taken[block]++] = row;
  }
  const RowForm form = section.form(type_);
  const std::uint64_t unit = unit_size(form, type_, section.children);
  char* const payload = at + std::size_t{blocks} * sizeof(RowBlock);
  std::uint32_t units = 0;
  for (std::uint32_t b = 0; b < blocks; ++b) {
    RowBlock block{.features = {}, .sizes = {}, .base = units};
    std::ranges::fill(block.features, kNoFeature);
    for (std::uint32_t slot = 0; slot < taken[b]; ++slot) {
      const Row& row = section.rows[slots[std::size_t{b} * RowBlock::kRows + slot]];
      block.features[slot] = row.feature;
      block.sizes[slot] = static_cast<std::uint8_t>(form == RowForm::dense ? 1 : row.size);
      write_row(section, row, payload + units * unit);
      units += block.sizes[slot];
    }
    std::memcpy(at + std::size_t{b} * sizeof block, &block, sizeof block);
  }
}

void ChunkBuilder::write_row(const Section& section, const Row& row, char* at) const {
  const std::uint32_t width = size_of(type_);
  const bool dense = section.form(type_) == RowForm::dense;
  for (std::uint32_t i = 0; i < row.size; ++i) {
    const auto& [child, value] = weights_[row.begin + i];
    char* const place = at + std::size_t{dense ? child : i} * width;
    if (type_ == WeightType::f4) {
      std::memcpy(place, &value, sizeof value);
    } else {
      const std::uint16_t half = to_float16(value);
      std::memcpy(place, &half, sizeof half);
    }
    if (!dense) at[std::size_t{row.size} * width + i] = static_cast<char>(child);
  }
}

}  // namespace xmr
