#pragma once
// A chunk holds the weights of all children of one parent (MSCM, Etter et al., WWW 2022): the features that any child
// uses, and for each of them the children that use it. One look-up of a query's feature serves all siblings.
//
// The children are cut into sections of at most 240, so that a child is a byte. A section is a table of rows (a feature
// and its weights) and the rows themselves, the payload, in the order of the table. The table tells in one access to
// memory whether a feature has a row and where it is. It is the smaller one of two, a hash table at equality: a hash
// table in blocks of a cache line where few of the model's features have a row, else a bitmap of the features with
// running sums (and the sizes of the rows, in the payload). A hash table holds 16 bits of a feature, the block gives
// the others; all 32 bits where few blocks serve very many features. Rows are dense if that takes at most 1.25 times
// the bytes of sparse rows.
//
// Bytes: Header, an Entry for each section (chunk_bytes.hpp), the biases (float32), the scales (float32, with 8-bit
// weights only), then table and payload of each section, each at a multiple of 64 bytes; gaps are 0. 64 more bytes
// follow the rows of a payload.
//
// A chunk is one contiguous, 64-byte aligned piece of bytes that carries its own checksum, so that training writes it
// parent by parent, a query touches few pages, and damage is found at the first visit and not at opening.
// chunk_builder.hpp writes chunks, chunk_rows.hpp reads them back as rows.
// Thread rule: views are plain data.

#include <algorithm>
#include <bit>
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
// No feature. Marks the free slots of a wide hash table.
inline constexpr FeatureId kNoFeature = 0xffffffffU;

// The type of stored weights. The values are bytes. A weight of i1 is a number in -127..127 times the scale of its
// child.
enum class WeightType : std::uint8_t { i1 = 1, f2 = 2, f4 = 4 };
constexpr std::uint32_t size_of(WeightType type) {
  return static_cast<std::uint32_t>(type);
}
template <>
struct EnumNames<WeightType> {
  static constexpr EnumName<WeightType> kTable[] = {
      {WeightType::i1, "i1", "8 bits, and a scale for each child"},
      {WeightType::f2, "f2", "16 bits"},
      {WeightType::f4, "f4", "32 bits"},
  };
};

// The form of the table that finds the row of a feature.
enum class TableForm : std::uint8_t { hash, bitmap, wide_hash };

// The storage of the rows of a section.
enum class RowForm : std::uint8_t {
  sparse,  // the weights that are not 0, with their children: see row_bytes()
  dense,   // a value for each child of the section, zeros among them
};

// Bytes of a unit of payload: a row where rows are dense, else a byte.
constexpr std::uint32_t unit_size(RowForm form, WeightType type, std::uint32_t children) {
  return form == RowForm::dense ? children * size_of(type) : 1;
}

// A sparse row with few weights is a list: its values, then as many children, one byte each, increasing. Others are
// masked: a mask of 16 bits for each 16 children of the section, then the values.
constexpr std::uint32_t masks_of(std::uint32_t children) {
  return (children + 15) / 16;
}
constexpr std::uint32_t mask_bytes(std::uint32_t children) {
  return 2 * masks_of(children);
}
// Rows with so many weights are masked.
constexpr bool is_masked(std::uint32_t weights, std::uint32_t children) {
  return weights >= mask_bytes(children);
}
constexpr std::uint32_t row_bytes(std::uint32_t weights, std::uint32_t children, WeightType type) {
  return weights * size_of(type) + std::min(weights, mask_bytes(children));
}

// The size of a row is the number of its weights, 1 of a dense row. The base of a block or group of rows is the number
// of units of payload before it.

// A line of a hash table. Rows fill the slots from the first; a feature's row is in its home block or, if that was
// full, in one of the next (the first follows the last), behind full ones only. FeatureHash has the keys.
struct RowBlock {
  static constexpr std::uint32_t kRows = 20;
  static constexpr std::uint32_t kMaxKey = 0xffffU;

  std::uint16_t keys[kRows];
  std::uint8_t sizes[kRows];  // 0: a free slot
  std::uint32_t base;

  bool is_full() const { return sizes[kRows - 1] != 0; }
};
static_assert(sizeof(RowBlock) == kChunkAlignment);

// A RowBlock with whole features in place of keys.
struct WideBlock {
  static constexpr std::uint32_t kRows = 12;

  FeatureId features[kRows];  // or kNoFeature
  std::uint8_t sizes[kRows];
  std::uint32_t base;

  bool is_full() const { return features[kRows - 1] != kNoFeature; }
};
static_assert(sizeof(WideBlock) == kChunkAlignment);

// Multiplicative hashing: numbers that follow each other are spread evenly.
inline std::uint32_t home_block(FeatureId feature, std::uint32_t blocks) {
  const std::uint32_t spread = feature * 0x9e3779b1U;
  return static_cast<std::uint32_t>(std::uint64_t{spread} * blocks >> 32);
}

// Bits of the features of a model with so many, at least 1.
constexpr std::uint32_t feature_bits(std::uint64_t features) {
  return features < 2 ? 1 : static_cast<std::uint32_t>(std::bit_width(features - 1));
}

// Home blocks and keys of features in a table of RowBlock. A key has the bits of the spread feature that the home block
// does not determine; above them, the number of blocks between home and row. So no two rows of a block have equal keys.
class FeatureHash {
 public:
  struct Place {
    std::uint32_t block;  // home
    std::uint32_t key;    // in the home block
  };

  // `bits`: feature_bits() of the model, at most 32; features have no more. 1 <= blocks <= 2^bits.
  FeatureHash(std::uint32_t bits, std::uint32_t blocks)
      : bits_(bits),
        shift_(static_cast<std::uint32_t>(std::bit_width(blocks)) - 1),
        blocks_(blocks),
        mask_((std::uint64_t{1} << bits) - 1),
        factor_((0x9e3779b1U >> (32 - bits)) | 1) {}

  std::uint32_t key_bits() const { return bits_ - shift_; }
  // Added to the key of a row for each block between its home and itself.
  std::uint32_t step() const { return std::uint32_t{1} << key_bits(); }

  Place place(FeatureId feature) const {
    // An odd factor permutes the numbers of `bits` bits. Spread numbers of one block are at least 2^shift apart here.
    const std::uint64_t at = (std::uint64_t{feature} * factor_ & mask_) * blocks_;
    return {static_cast<std::uint32_t>(at >> bits_), static_cast<std::uint32_t>((at & mask_) >> shift_)};
  }
  // Returns the feature of a row with this key in a block, or kNoFeature.
  FeatureId feature(std::uint32_t block, std::uint32_t key) const {
    const std::uint32_t moved = (key >> key_bits()) % blocks_, of_home = key & (step() - 1);
    const std::uint32_t home = block >= moved ? block - moved : block + blocks_ - moved;
    const std::uint64_t least = (std::uint64_t{home} << bits_) + (std::uint64_t{of_home} << shift_);
    const std::uint64_t spread = (least + blocks_ - 1) / blocks_;
    const auto feature = static_cast<FeatureId>(spread * inverse() & mask_);
    const Place found = place(feature);
    return spread <= mask_ && found.block == home && found.key == of_home ? feature : kNoFeature;
  }

 private:
  std::uint64_t inverse() const {  // of the factor, by Newton's method: each step doubles the right bits, from 3
    std::uint64_t inverse = factor_;
    for (int step = 0; step < 4; ++step)
      inverse *= 2 - factor_ * inverse;
    return inverse;
  }

  std::uint32_t bits_, shift_, blocks_;
  std::uint64_t mask_, factor_;
};

// An entry of a bitmap, for 32 features that follow each other; feature f is bit f % 32 of entry f / 32. The payload of
// a group of sparse rows begins with their sizes, one byte each.
struct FeatureGroup {
  static constexpr std::uint32_t kFeatures = 32;

  std::uint32_t present;  // bits of the features that have a row
  std::uint32_t base;
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
  std::uint8_t feature_bits = 0;  // of the model, in a hash table
  std::span<const float> bias;    // one per child: bias value × bias weight, ready to be added
  std::span<const float> scales;  // one per child, at least 0; only with 8-bit weights
  const std::uint8_t* lines = nullptr;
  std::uint32_t line_count = 0;  // of the table: 0 if a section with a hash table has no rows
  const std::uint8_t* payload = nullptr;
  std::uint32_t units = 0;  // of payload
  std::uint32_t rows = 0;
  std::uint64_t weights = 0;  // that are not 0

  std::uint32_t unit() const { return unit_size(form, type, children); }
  // Units of a row of this size.
  std::uint32_t row_units(std::uint32_t size) const {
    return form == RowForm::dense ? 1 : row_bytes(size, children, type);
  }
  // The lines of the table, of its form; at least one slot of a hash table is free.
  std::span<const RowBlock> blocks() const { return {reinterpret_cast<const RowBlock*>(lines), line_count}; }
  std::span<const WideBlock> wide_blocks() const { return {reinterpret_cast<const WideBlock*>(lines), line_count}; }
  std::span<const FeatureGroup> groups() const {  // for all features of the model
    return {reinterpret_cast<const FeatureGroup*>(lines), std::size_t{line_count} * kGroupsOfLine};
  }
  // Needs a hash table with rows.
  FeatureHash hash() const { return {feature_bits, line_count}; }
};

// The number of weights of a chunk as its sections say, unverified: reads no more than these. FormatError with `place`
// for a chunk that is shorter than they are.
std::uint64_t claimed_weights(std::string_view chunk, const std::string& place);

// A view of a chunk's bytes.
class ChunkView {
 public:
  // Verifies size, checksum and table, so that all later reads of a search lie in the chunk, even if it is forged.
  // FormatError with `place` for invalid bytes. `bytes` must be aligned as a chunk is. O(size). read_rows() checks the
  // weights themselves.
  static ChunkView open(std::string_view bytes, std::uint32_t children, std::uint64_t feature_count,
                        const std::string& place);
  // As open(), without the checksum and the rows: verifies header, biases, scales and the sizes of tables. Reads the
  // first head_size() bytes. O(children).
  static ChunkView open_head(std::string_view bytes, std::uint32_t children, std::uint64_t feature_count,
                             const std::string& place);
  // The most bytes before the first table.
  static std::uint64_t head_size(std::uint32_t children);
  // As open(), without verification: for chunks that were opened before.
  static ChunkView trusted(std::string_view bytes) { return ChunkView(bytes); }

  std::uint32_t children() const;
  WeightType type() const;
  std::uint32_t sections() const;
  SectionView section(std::uint32_t n) const;
  std::span<const float> bias() const;    // of all children
  std::span<const float> scales() const;  // of all children, with 8-bit weights; else none
  std::uint64_t weights() const;          // without the biases
  std::string_view bytes() const { return bytes_; }

 private:
  explicit ChunkView(std::string_view bytes) : bytes_(bytes) {}

  std::string_view bytes_;
};

}  // namespace xmr
