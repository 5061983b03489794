#pragma once
// A chunk holds the weights of all children of one parent (MSCM, Etter et al., WWW 2022): the features that any child
// uses, and for each of them the children that use it. One look-up of a query's feature serves all siblings.
//
// The children are cut into sections of at most 240, so that a child is a byte. A section is a table of rows (a feature
// and its weights) and the rows themselves, the payload, in the order of the table. The table tells in one access to
// memory whether a feature has a row and where it is. It is the smaller one of two, a hash table at equality: a hash
// table in blocks of a cache line where few of the model's features have a row, else a bitmap of the features with
// running sums (and the sizes of the rows, in the payload). Rows are dense if that takes at most 1.25 times the bytes
// of sparse rows.
//
// Bytes: Header, an Entry for each section (chunk_bytes.hpp), the biases (float32), then table and payload of each
// section, each at a multiple of 64 bytes; gaps are 0. 64 more bytes follow the rows of a payload.
//
// A chunk is one contiguous, 64-byte aligned piece of bytes that carries its own checksum, so that training writes it
// parent by parent, a query touches few pages, and damage is found at the first visit and not at opening.
// chunk_builder.hpp writes chunks, chunk_rows.hpp reads them back as rows.
// Thread rule: views are plain data.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "xmr/util/enum_names.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

// Chunks start and end at multiples of this, and so do their tables and payloads.
inline constexpr std::size_t kChunkAlignment = 64;
inline constexpr std::uint32_t kSectionChildren = 240;
// Marks the free slots of a table.
inline constexpr FeatureId kNoFeature = 0xffffffffU;

// The type of stored weights. The values are bytes.
enum class WeightType : std::uint8_t { f2 = 2, f4 = 4 };
constexpr std::uint32_t size_of(WeightType type) {
  return static_cast<std::uint32_t>(type);
}
template <>
struct EnumNames<WeightType> {
  static constexpr EnumName<WeightType> kTable[] = {
      {WeightType::f2, "f2", "16 bits"},
      {WeightType::f4, "f4", "32 bits"},
  };
};

// How the features that have a row are found.
enum class TableForm : std::uint8_t { hash, bitmap };

// How the rows of a section are stored.
enum class RowForm : std::uint8_t {
  sparse,  // the weights that are not 0, with their children: see row_units()
  dense,   // a value for each child of the section, zeros among them
};

// Bytes of a unit of payload: a row where rows are dense, else a weight.
constexpr std::uint32_t unit_size(RowForm form, WeightType type, std::uint32_t children) {
  return form == RowForm::dense ? children * size_of(type) : size_of(type);
}
// Units that hold so many bytes beside sparse rows.
constexpr std::uint32_t units_of_bytes(std::uint32_t bytes, WeightType type) {
  return (bytes + size_of(type) - 1) / size_of(type);
}

// A sparse row with few weights is a list: its values, then as many children, one byte each, increasing. One with more
// is masked: a mask of 16 bits for each 16 children of the section, then the values. Both end with a whole unit.
constexpr std::uint32_t masks_of(std::uint32_t children) {
  return (children + 15) / 16;
}
// A masked row is the smaller one from so many weights on.
constexpr std::uint32_t least_masked(std::uint32_t children) {
  return 2 * masks_of(children) - 1;
}
constexpr std::uint32_t mask_units(std::uint32_t children, WeightType type) {
  return units_of_bytes(2 * masks_of(children), type);
}
// Units of a sparse row; at most 255. More weights need more of them, and the masked rows more than all lists.
constexpr std::uint32_t row_units(std::uint32_t weights, std::uint32_t children, WeightType type) {
  return weights + (weights < least_masked(children) ? units_of_bytes(weights, type) : mask_units(children, type));
}
constexpr std::uint32_t least_masked_units(std::uint32_t children, WeightType type) {
  return least_masked(children) + mask_units(children, type);
}
// Weights of a list of so many units.
constexpr std::uint32_t list_weights(std::uint32_t units, WeightType type) {
  return units * size_of(type) / (size_of(type) + 1);
}

// A line of a hash table. Rows fill the slots from the first; a feature's row is in the block home_block() or, if that
// was full, in one of the next (the first follows the last), behind full ones only.
struct RowBlock {
  static constexpr std::uint32_t kRows = 12;

  FeatureId features[kRows];  // or kNoFeature
  std::uint8_t sizes[kRows];  // units of the rows
  std::uint32_t base;         // units before those of the block's first row

  bool is_full() const { return features[kRows - 1] != kNoFeature; }
};
static_assert(sizeof(RowBlock) == kChunkAlignment);

// Multiplicative hashing: numbers that follow each other are spread evenly.
inline std::uint32_t home_block(FeatureId feature, std::uint32_t blocks) {
  const std::uint32_t spread = feature * 0x9e3779b1U;
  return static_cast<std::uint32_t>(std::uint64_t{spread} * blocks >> 32);
}

// An entry of a bitmap, for 32 features that follow each other; feature f is bit f % 32 of entry f / 32. The payload of
// a group of sparse rows begins with their sizes in units, one byte each, up to a whole unit.
struct FeatureGroup {
  static constexpr std::uint32_t kFeatures = 32;

  std::uint32_t present;  // bits of the features that have a row
  std::uint32_t base;     // units before those of the group
};
static_assert(sizeof(FeatureGroup) == 8);

constexpr std::uint32_t kGroupsOfLine = kChunkAlignment / sizeof(FeatureGroup);
// Lines of the bitmap of so many features (at most kNoFeature).
constexpr std::uint32_t bitmap_lines(std::uint64_t features) {
  constexpr std::uint64_t kFeaturesOfLine = std::uint64_t{kGroupsOfLine} * FeatureGroup::kFeatures;
  return static_cast<std::uint32_t>((features + kFeaturesOfLine - 1) / kFeaturesOfLine);
}

struct SectionView {
  // Bytes behind the last row that may be read: vectors need not stop at the end of a row.
  static constexpr std::size_t kSlack = 64;

  std::uint32_t first_child = 0;  // counted from the parent's first
  std::uint32_t children = 0;
  WeightType type = WeightType::f4;
  RowForm form = RowForm::sparse;
  TableForm table = TableForm::hash;
  std::span<const float> bias;           // one per child: bias value × bias weight, ready to be added
  std::span<const RowBlock> blocks;      // of a hash table: none if there are no rows, else at least one slot is free
  std::span<const FeatureGroup> groups;  // of a bitmap: for all features of the model
  const std::uint8_t* payload = nullptr;
  std::uint32_t units = 0;  // of payload
  std::uint32_t rows = 0;
  std::uint64_t weights = 0;  // that are not 0

  std::uint32_t unit() const { return unit_size(form, type, children); }
};

// The number of weights of a chunk as its sections say, unverified: reads no more than these. FormatError with `place`
// for a chunk that is shorter than they are.
std::uint64_t claimed_weights(std::string_view chunk, const std::string& place);

// A view of a chunk's bytes.
class ChunkView {
 public:
  // Verifies size, checksum and table, so that whatever a search reads afterwards lies in the chunk, also if somebody
  // forged it; FormatError with `place` on anything else. `bytes` must be aligned as a chunk is. O(size). The weights
  // themselves are looked at by read_rows().
  static ChunkView open(std::string_view bytes, std::uint32_t children, std::uint64_t feature_count,
                        const std::string& place);
  // The same without looking at the bytes: for chunks that were opened before.
  static ChunkView trusted(std::string_view bytes) { return ChunkView(bytes); }

  std::uint32_t children() const;
  WeightType type() const;
  std::uint32_t sections() const;
  SectionView section(std::uint32_t n) const;
  std::span<const float> bias() const;  // of all children
  std::uint64_t weights() const;        // without the biases
  std::string_view bytes() const { return bytes_; }

 private:
  explicit ChunkView(std::string_view bytes) : bytes_(bytes) {}

  std::string_view bytes_;
};

}  // namespace xmr
