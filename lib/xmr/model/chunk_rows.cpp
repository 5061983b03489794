#include "xmr/model/chunk_rows.hpp"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "xmr/util/float16.hpp"

namespace xmr {

namespace {

float value_at(const std::uint8_t* at, WeightType type) {
  if (type == WeightType::f4) {
    float value;
    std::memcpy(&value, at, sizeof value);
    return value;
  }
  std::uint16_t half;
  std::memcpy(&half, at, sizeof half);
  return from_float16(half);
}

// Where a row is found.
struct Place {
  FeatureId feature;
  std::uint32_t section;
  std::uint32_t unit;
  std::uint32_t size;
};

std::vector<Place> places_of(const ChunkView& chunk) {
  std::vector<Place> places;
  for (std::uint32_t n = 0; n < chunk.sections(); ++n)
    for (const RowBlock& block : chunk.section(n).blocks) {
      std::uint32_t unit = block.base;
      for (std::uint32_t slot = 0; slot < RowBlock::kRows && block.features[slot] != kNoFeature; ++slot) {
        places.push_back({block.features[slot], n, unit, block.sizes[slot]});
        unit += block.sizes[slot];
      }
    }
  std::ranges::sort(places, {}, [](const Place& place) { return std::pair(place.feature, place.section); });
  return places;
}

void append_row(const SectionView& section, const Place& place, std::vector<ChildWeight>& weights) {
  const std::uint32_t width = size_of(section.type);
  const std::uint8_t* const row = section.payload + std::uint64_t{place.unit} * section.unit();
  if (section.form == RowForm::sparse) {
    for (std::uint32_t i = 0; i < place.size; ++i)
      weights.push_back(
          {section.first_child + row[place.size * width + i], value_at(row + std::size_t{i} * width, section.type)});
    return;
  }
  for (std::uint32_t child = 0; child < section.children; ++child)
    if (const float value = value_at(row + std::size_t{child} * width, section.type); value != 0)
      weights.push_back({section.first_child + child, value});
}

}  // namespace

ChunkRows read_rows(const ChunkView& chunk) {
  ChunkRows rows;
  rows.weights.reserve(chunk.weights());
  std::vector<SectionView> sections;
  for (std::uint32_t n = 0; n < chunk.sections(); ++n)
    sections.push_back(chunk.section(n));
  for (const Place& place : places_of(chunk)) {
    if (rows.features.empty() || rows.features.back() != place.feature) {
      rows.features.push_back(place.feature);
      rows.offsets.push_back(rows.weights.size());
    }
    append_row(sections[place.section], place, rows.weights);
  }
  rows.offsets.push_back(rows.weights.size());
  return rows;
}

}  // namespace xmr
