#include "xmr/model/chunk_rows.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <tuple>

#include <fmt/format.h>

#include "xmr/model/section_rows.hpp"
#include "xmr/util/error.hpp"
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
  const std::uint8_t* row;
  std::uint32_t units;
};

std::vector<Place> places_of(std::span<const SectionView> sections) {
  std::vector<Place> places;
  for (std::uint32_t n = 0; n < sections.size(); ++n)
    for_rows(sections[n], [&](FeatureId feature, const std::uint8_t* row, std::uint32_t units) {
      places.push_back({feature, n, row, units});
    });
  std::ranges::sort(places, {}, [](const Place& place) { return std::pair(place.feature, place.section); });
  return places;
}

// Calls visit(child of the section, value) for the weights of a row; nullptr, or what is wrong with the row.
template <class Visit>
const char* for_weights(const SectionView& section, const Place& place, const Visit& visit) {
  const WeightType type = section.type;
  const std::uint32_t width = size_of(type);
  if (section.form == RowForm::dense) {
    for (std::uint32_t child = 0; child < section.children; ++child)
      if (const float value = value_at(place.row + std::size_t{child} * width, type); value != 0) visit(child, value);
    return nullptr;
  }
  if (place.units >= least_masked_units(section.children, type)) {
    const std::uint8_t* value = place.row + std::size_t{mask_units(section.children, type)} * width;
    for (std::uint32_t n = 0; n < masks_of(section.children); ++n)
      for (std::uint32_t rest = mask_at(place.row, n); rest != 0; rest &= rest - 1, value += width)
        visit(16 * n + static_cast<std::uint32_t>(std::countr_zero(rest)), value_at(value, type));
    return nullptr;
  }
  const std::uint32_t count = list_weights(place.units, type);
  if (row_units(count, section.children, type) != place.units) return "the size of a row is out of range";
  const std::uint8_t* const children = place.row + std::size_t{count} * width;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i > 0 && children[i] <= children[i - 1]) return "the children of a feature are not increasing";
    visit(children[i], value_at(place.row + std::size_t{i} * width, type));
  }
  return nullptr;
}

const char* append_row(const SectionView& section, const Place& place, std::vector<ChildWeight>& weights) {
  bool has_child = true, is_weight = true;
  const char* fault = for_weights(section, place, [&](std::uint32_t child, float value) {
    has_child = has_child && child < section.children;
    is_weight = is_weight && std::isfinite(value) && value != 0;
    weights.push_back({section.first_child + child, value});
  });
  if (fault == nullptr && !has_child) fault = "a weight belongs to no child";
  if (fault == nullptr && !is_weight) fault = "a weight is 0 or not finite";
  return fault;
}

}  // namespace

ChunkRows read_rows(const ChunkView& chunk, const std::string& place) {
  const auto refuse = [&](const char* fault) { throw FormatError(place, fmt::format("bad chunk: {}", fault)); };
  ChunkRows rows;
  std::vector<SectionView> sections;
  for (std::uint32_t n = 0; n < chunk.sections(); ++n)
    sections.push_back(chunk.section(n));
  for (const Place& row : places_of(sections)) {
    if (rows.features.empty() || rows.features.back() != row.feature) {
      rows.features.push_back(row.feature);
      rows.offsets.push_back(rows.weights.size());
    }
    if (const char* fault = append_row(sections[row.section], row, rows.weights)) refuse(fault);
  }
  rows.offsets.push_back(rows.weights.size());
  if (rows.weights.size() != chunk.weights()) refuse("the number of weights is wrong");
  return rows;
}

}  // namespace xmr
