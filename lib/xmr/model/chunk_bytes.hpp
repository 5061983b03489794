#pragma once
// The fixed parts of a chunk's bytes, for chunk.cpp and chunk_builder.cpp: the header, an entry for each section, the
// biases, the scales, then table and payload of each section (chunk.hpp).

#include <bit>
#include <cstdint>

#include "xmr/model/chunk.hpp"

namespace xmr::chunk_bytes {

static_assert(std::endian::native == std::endian::little, "chunks are used in place and are little-endian");

struct Header {
  std::uint64_t checksum;  // XXH3 of all bytes of the chunk after this one
  std::uint32_t children;
  std::uint32_t sections;
  WeightType type;
  std::uint8_t reserved[15];  // 0
};
static_assert(sizeof(Header) == 32);

struct Entry {
  std::uint64_t table;  // its start in the chunk; the payload follows
  std::uint64_t weights;
  std::uint32_t lines;  // lines of kChunkAlignment bytes
  std::uint32_t rows;
  std::uint32_t units;
  RowForm form;
  TableForm table_form;
  std::uint8_t feature_bits;  // of the model, in a hash table; else 0
  std::uint8_t reserved;      // 0
};
static_assert(sizeof(Entry) == 32);

constexpr std::uint64_t padded(std::uint64_t bytes) {
  return (bytes + kChunkAlignment - 1) / kChunkAlignment * kChunkAlignment;
}
constexpr std::uint32_t sections_of(std::uint32_t children) {
  return children / kSectionChildren + (children % kSectionChildren != 0 ? 1 : 0);
}
constexpr std::uint64_t bias_position(std::uint32_t sections) {
  return padded(sizeof(Header) + std::uint64_t{sections} * sizeof(Entry));
}
// Position of the scales, if there are any.
constexpr std::uint64_t scale_position(std::uint32_t children) {
  return bias_position(sections_of(children)) + padded(std::uint64_t{children} * sizeof(float));
}
// Position of the first table.
constexpr std::uint64_t tables_position(std::uint32_t children, WeightType type) {
  return scale_position(children) + (type == WeightType::i1 ? padded(std::uint64_t{children} * sizeof(float)) : 0);
}
// Bytes of a section's table and payload, at most 2^38 + 2^42, so no overflow.
constexpr std::uint64_t section_size(std::uint32_t lines, std::uint32_t units, std::uint32_t unit) {
  if (lines == 0) return 0;
  return std::uint64_t{lines} * kChunkAlignment + padded(std::uint64_t{units} * unit + SectionView::kSlack);
}

}  // namespace xmr::chunk_bytes
