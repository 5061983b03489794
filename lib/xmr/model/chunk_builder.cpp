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

// Mean share of the slots that have a row. Fuller tables are smaller, but more home blocks are full, and a look-up then
// waits for the next block. On real text, answers are slower from 0.7 on.
constexpr double kFill = 0.65, kWideFill = 0.82;

// A weight takes at most 6 bytes: value, child, size of its row.
constexpr std::uint64_t kMaxWeights = std::numeric_limits<std::uint32_t>::max() / 6;

// Dense rows may be larger than sparse rows by this factor, because whole vectors are added.
constexpr double kDenseAdvantage = 1.25;

// Returns the step of weights whose largest has this size. The step uses so few bits that 127 steps are exact: weights
// that are read and stored again keep their bits.
float scale_of(float largest) {
  constexpr float kSteps = 127;
  constexpr std::uint32_t kUnused = 0xff;
  if (largest < 0x1p-90F) return 0;
  const float scale = std::bit_cast<float>((std::bit_cast<std::uint32_t>(largest / kSteps) + kUnused) & ~kUnused);
  if (!std::isfinite(kSteps * scale))
    throw DataError("weights", fmt::format("{} is too large for 8 bits", largest), "--weight-type f4 keeps 32 bits");
  return scale;
}

// Blocks for so many rows: one more than needed, so that a slot stays free.
template <class Block>
std::uint32_t blocks_of(std::size_t rows, double fill) {
  return static_cast<std::uint32_t>(static_cast<double>(rows) / (fill * Block::kRows)) + 1;
}

// Takes slots of a hash table, the first free one from the home block on.
template <class Block>
class Slots {
 public:
  explicit Slots(std::uint32_t blocks) : taken_(blocks), rows_(std::size_t{blocks} * Block::kRows) {}

  // Returns the number of blocks between the home block and the row.
  std::uint32_t take(std::uint32_t home, std::uint32_t row) {
    std::uint32_t block = home, moved = 0;
    for (; taken_[block] == Block::kRows; ++moved)
      block = block + 1 == taken_.size() ? 0 : block + 1;
    rows_[std::size_t{block} * Block::kRows + taken_[block]++] = row;
    return moved;
  }
  std::uint32_t blocks() const { return static_cast<std::uint32_t>(taken_.size()); }
  // The rows of a block.
  std::span<const std::uint32_t> of(std::uint32_t block) const {
    return std::span(rows_).subspan(std::size_t{block} * Block::kRows, taken_[block]);
  }

 private:
  std::vector<std::uint8_t> taken_;
  std::vector<std::uint32_t> rows_;
};

// Writes the blocks of a hash table. add(block, slot, row, units) sets key and size of a row and adds its units.
template <class Block, class Add>
void write_blocks(const Slots<Block>& slots, const Block& free, char* at, const Add& add) {
  std::uint32_t units = 0;
  for (std::uint32_t b = 0; b < slots.blocks(); ++b, at += sizeof(Block)) {
    Block block = free;
    block.base = units;
    std::uint32_t slot = 0;
    for (const std::uint32_t row : slots.of(b))
      add(block, slot++, row, units);
    std::memcpy(at, &block, sizeof block);
  }
}

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
    const void* const stored = type_ == WeightType::f2 ? static_cast<const void*>(&half) : &value;
    store(child / kSectionChildren, feature, static_cast<std::uint8_t>(child % kSectionChildren), stored,
          type_ == WeightType::f2 ? sizeof half : sizeof value);
  }
}

void ChunkBuilder::store(std::uint32_t n, FeatureId feature, std::uint8_t child, const void* value,
                         std::uint32_t width) {
  Section& section = sections_[n];
  if (section.rows.empty() || section.rows.back().feature != feature)
    section.rows.push_back({feature, 0, children_.size()});
  assert(section.rows.back().feature <= feature);
  children_.push_back(child);
  values_.append(static_cast<const char*>(value), width);
  ++section.rows.back().size;
  if (++section.weights > kMaxWeights)
    throw DataError("weights", fmt::format("{} children of one node have more than {}", section.children, kMaxWeights),
                    "a larger --threshold, or --top-weights, keeps fewer");
}

// Returns a builder of the weights as multiples of the scales of their children.
ChunkBuilder ChunkBuilder::with_8_bits() const {
  ChunkBuilder rounded(static_cast<std::uint32_t>(bias_.size()), features_, type_);
  rounded.bias_ = bias_;
  rounded.scales_.resize(bias_.size());
  const auto for_weights = [&](const auto& visit) {
    for (std::uint32_t n = 0; n < sections_.size(); ++n)
      for (const Row& row : sections_[n].rows)
        for (std::uint64_t i = row.begin; i < row.begin + row.size; ++i) {
          float value;
          std::memcpy(&value, values_.data() + i * sizeof value, sizeof value);
          visit(n, row.feature, children_[i], value, rounded.scales_[n * kSectionChildren + children_[i]]);
        }
  };
  for_weights([](std::uint32_t, FeatureId, std::uint8_t, float value, float& scale) {
    scale = std::max(scale, std::fabs(value));
  });
  for (float& scale : rounded.scales_)
    scale = scale_of(scale);
  for_weights([&](std::uint32_t n, FeatureId feature, std::uint8_t child, float value, float scale) {
    const auto steps = static_cast<std::int8_t>(scale > 0 ? std::lrint(value / scale) : 0);
    if (steps != 0) rounded.store(n, feature, child, &steps, sizeof steps);
  });
  return rounded;
}

ChunkBuilder::Layout ChunkBuilder::layout_of(const Section& section) const {
  Layout layout;
  if (section.rows.empty()) return layout;
  const std::size_t rows = section.rows.size();
  std::uint64_t bytes = 0;  // of sparse rows
  for (const Row& row : section.rows)
    bytes += row_bytes(row.size, section.children, type_);
  const double dense = static_cast<double>(rows) * section.children * size_of(type_);
  if (dense < kDenseAdvantage * static_cast<double>(bytes)) layout.form = RowForm::dense;
  layout.units = static_cast<std::uint32_t>(layout.form == RowForm::dense ? rows : bytes);
  const std::uint32_t wide_blocks = blocks_of<WideBlock>(rows, kWideFill);
  layout.lines = hash_blocks(section, wide_blocks);
  if (layout.lines == 0) {
    layout.table = TableForm::wide_hash;
    layout.lines = wide_blocks;
  }
  const std::uint32_t lines = bitmap_lines(features_);
  const std::uint64_t size_bytes = layout.form == RowForm::dense ? 0 : rows;
  if (lines * kChunkAlignment + size_bytes < layout.lines * kChunkAlignment) {
    layout.table = TableForm::bitmap;
    layout.lines = lines;
    layout.units += static_cast<std::uint32_t>(size_bytes);
  }
  return layout;
}

// Returns the least number of blocks, of those tried, at most `most`, that hold the rows with keys of 16 bits; 0 if
// none does.
std::uint32_t ChunkBuilder::hash_blocks(const Section& section, std::uint32_t most) const {
  constexpr std::uint32_t kKeyBits = 16;
  const std::uint32_t bits = feature_bits(features_);
  const std::uint32_t least = bits > kKeyBits ? std::uint32_t{1} << (bits - kKeyBits) : 1;
  std::uint32_t blocks = std::max(least, blocks_of<RowBlock>(section.rows.size(), kFill));
  for (; blocks <= most; blocks += 1 + blocks / 16) {
    const FeatureHash hash(bits, blocks);
    Slots<RowBlock> slots(blocks);
    const auto fits = [&](const Row& row) {
      const FeatureHash::Place home = hash.place(row.feature);
      return home.key + std::uint64_t{slots.take(home.block, 0)} * hash.step() <= RowBlock::kMaxKey;
    };
    if (std::ranges::all_of(section.rows, fits)) return blocks;
  }
  return 0;
}

void ChunkBuilder::finish(std::string& out) const {
  type_ == WeightType::i1 ? with_8_bits().write(out) : write(out);
}

void ChunkBuilder::write(std::string& out) const {
  const auto children = static_cast<std::uint32_t>(bias_.size());
  const auto count = static_cast<std::uint32_t>(sections_.size());
  std::vector<Layout> layouts;
  std::vector<chunk_bytes::Entry> entries;
  std::uint64_t size = chunk_bytes::tables_position(children, type_);
  for (const Section& section : sections_) {
    const Layout& layout = layouts.emplace_back(layout_of(section));
    const bool is_hash = layout.table == TableForm::hash && layout.lines > 0;
    entries.push_back({.table = size,
                       .weights = section.weights,
                       .lines = layout.lines,
                       .rows = static_cast<std::uint32_t>(section.rows.size()),
                       .units = layout.units,
                       .form = layout.form,
                       .table_form = layout.table,
                       .feature_bits = static_cast<std::uint8_t>(is_hash ? feature_bits(features_) : 0),
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
    if (!scales_.empty())
      std::memcpy(bytes + chunk_bytes::scale_position(children), scales_.data(), scales_.size() * sizeof(float));
  }
  for (std::uint32_t n = 0; n < count; ++n) {
    if (layouts[n].lines == 0) continue;
    char* const table = bytes + entries[n].table;
    switch (layouts[n].table) {
      case TableForm::hash:
        write_hash(sections_[n], layouts[n], table);
        break;
      case TableForm::bitmap:
        write_bitmap(sections_[n], layouts[n], table);
        break;
      case TableForm::wide_hash:
        write_wide_hash(sections_[n], layouts[n], table);
        break;
    }
  }
  header.checksum = hash64(std::string_view(bytes, size).substr(sizeof header.checksum));
  std::memcpy(bytes, &header.checksum, sizeof header.checksum);
}

void ChunkBuilder::write_hash(const Section& section, const Layout& layout, char* at) const {
  const FeatureHash hash(feature_bits(features_), layout.lines);
  Slots<RowBlock> slots(layout.lines);
  std::vector<std::uint16_t> keys;
  keys.reserve(section.rows.size());
  for (const Row& row : section.rows) {
    const FeatureHash::Place home = hash.place(row.feature);
    const auto number = static_cast<std::uint32_t>(keys.size());
    keys.push_back(static_cast<std::uint16_t>(home.key + slots.take(home.block, number) * hash.step()));
  }
  char* const payload = at + std::size_t{layout.lines} * kChunkAlignment;
  write_blocks(slots, RowBlock{}, at,
               [&](RowBlock& block, std::uint32_t slot, std::uint32_t row, std::uint32_t& units) {
                 block.keys[slot] = keys[row];
                 block.sizes[slot] = write_row(section, section.rows[row], layout.form, payload, units);
               });
}

void ChunkBuilder::write_wide_hash(const Section& section, const Layout& layout, char* at) const {
  Slots<WideBlock> slots(layout.lines);
  for (std::uint32_t row = 0; row < section.rows.size(); ++row)
    slots.take(home_block(section.rows[row].feature, layout.lines), row);
  WideBlock free{};
  std::ranges::fill(free.features, kNoFeature);
  char* const payload = at + std::size_t{layout.lines} * kChunkAlignment;
  write_blocks(slots, free, at, [&](WideBlock& block, std::uint32_t slot, std::uint32_t row, std::uint32_t& units) {
    block.features[slot] = section.rows[row].feature;
    block.sizes[slot] = write_row(section, section.rows[row], layout.form, payload, units);
  });
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
    if (layout.form == RowForm::sparse) units += static_cast<std::uint32_t>(end - row);
    for (; row != end; ++row) {
      const std::uint8_t of_row = write_row(section, *row, layout.form, payload, units);
      if (layout.form == RowForm::sparse) *size++ = static_cast<char>(of_row);
    }
    std::memcpy(at + std::size_t{g} * sizeof group, &group, sizeof group);
  }
}

// Writes a row behind `units` units of payload, adds its own and returns its size.
std::uint8_t ChunkBuilder::write_row(const Section& section, const Row& row, RowForm form, char* payload,
                                     std::uint32_t& units) const {
  char* const at = payload + std::uint64_t{units} * unit_size(form, type_, section.children);
  const std::uint32_t width = size_of(type_);
  const auto children = std::span(children_).subspan(row.begin, row.size);
  const char* const values = values_.data() + row.begin * width;
  if (form == RowForm::dense) {
    for (std::uint32_t i = 0; i < row.size; ++i)
      std::memcpy(at + std::size_t{children[i]} * width, values + std::size_t{i} * width, width);
    ++units;
    return 1;
  }
  const bool masked = is_masked(row.size, section.children);
  std::memcpy(at + (masked ? mask_bytes(section.children) : 0), values, std::size_t{row.size} * width);
  if (masked) {
    for (const std::uint8_t child : children)
      at[child / 8] = static_cast<char>(at[child / 8] | 1 << child % 8);
  } else {
    std::memcpy(at + std::size_t{row.size} * width, children.data(), row.size);
  }
  units += row_bytes(row.size, section.children, type_);
  return static_cast<std::uint8_t>(row.size);
}

}  // namespace xmr
