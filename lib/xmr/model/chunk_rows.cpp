#include "xmr/model/chunk_rows.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "xmr/model/section_rows.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/float16.hpp"

namespace xmr {

namespace {

// A stored value; of 8-bit weights without the scale.
float value_at(const std::uint8_t* at, WeightType type) {
  if (type == WeightType::i1) return std::bit_cast<std::int8_t>(*at);
  if (type == WeightType::f4) {
    float value;
    std::memcpy(&value, at, sizeof value);
    return value;
  }
  std::uint16_t half;
  std::memcpy(&half, at, sizeof half);
  return from_float16(half);
}

std::vector<ChunkRowPlace> places_of(std::span<const SectionView> sections) {
  std::vector<ChunkRowPlace> places;
  for (std::uint32_t n = 0; n < sections.size(); ++n)
    for_rows(sections[n], [&](FeatureId feature, const std::uint8_t* row, std::uint32_t size) {
      places.push_back({feature, n, row, size});
    });
  std::ranges::sort(places, {}, [](const ChunkRowPlace& place) { return std::pair(place.feature, place.section); });
  return places;
}

// Calls visit(child of the section, value) for each weight of a row. Returns nullptr or the fault of the row.
template <class Visit>
const char* for_weights(const SectionView& section, const ChunkRowPlace& place, const Visit& visit) {
  const WeightType type = section.type;
  const std::uint32_t width = size_of(type);
  const auto visit_stored = [&](std::uint32_t child, const std::uint8_t* at) {
    const float value = value_at(at, type);
    visit(child, child < section.scales.size() ? value * section.scales[child] : value);
  };
  if (section.form == RowForm::dense) {
    for (std::uint32_t child = 0; child < section.children; ++child)
      if (const std::uint8_t* at = place.row + std::size_t{child} * width; value_at(at, type) != 0)
        visit_stored(child, at);
    return nullptr;
  }
  if (is_masked(place.size, section.children)) {
    const std::uint8_t* value = place.row + mask_bytes(section.children);
    for (std::uint32_t n = 0; n < masks_of(section.children); ++n)
      for (std::uint32_t rest = mask_at(place.row, n); rest != 0; rest &= rest - 1, value += width)
        visit_stored(16 * n + static_cast<std::uint32_t>(std::countr_zero(rest)), value);
    return nullptr;
  }
  const std::uint8_t* const children = place.row + std::size_t{place.size} * width;
  for (std::uint32_t i = 0; i < place.size; ++i) {
    if (i > 0 && children[i] <= children[i - 1]) return "the children of a feature are not increasing";
    visit_stored(children[i], place.row + std::size_t{i} * width);
  }
  return nullptr;
}

const char* append_row(const SectionView& section, const ChunkRowPlace& place, std::vector<ChildWeight>& weights) {
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

ChunkRowReader::ChunkRowReader(const ChunkView& chunk, std::string place)
    : place_(std::move(place)), weights_left_(chunk.weights()) {
  for (std::uint32_t n = 0; n < chunk.sections(); ++n)
    sections_.push_back(chunk.section(n));
  places_ = places_of(sections_);
  if (places_.empty() && weights_left_ > 0) refuse("the number of weights is wrong");
}

void ChunkRowReader::take(std::vector<ChildWeight>& weights) {
  assert(next_ < places_.size());
  const std::size_t before = weights.size();
  for (const FeatureId feature = this->feature(); this->feature() == feature; ++next_)
    if (const char* fault = append_row(sections_[places_[next_].section], places_[next_], weights)) refuse(fault);
  const std::uint64_t taken = weights.size() - before;
  const bool is_last = next_ == places_.size();
  if (is_last ? taken != weights_left_ : taken > weights_left_) refuse("the number of weights is wrong");
  weights_left_ -= taken;
}

void ChunkRowReader::refuse(const char* fault) const {
  throw FormatError(place_, fmt::format("bad chunk: {}", fault));
}

ChunkRows read_rows(const ChunkView& chunk, const std::string& place) {
  ChunkRows rows;
  ChunkRowReader reader(chunk, place);
  while (reader.feature() != kNoFeature) {
    rows.features.push_back(reader.feature());
    rows.offsets.push_back(rows.weights.size());
    reader.take(rows.weights);
  }
  rows.offsets.push_back(rows.weights.size());
  return rows;
}

}  // namespace xmr
