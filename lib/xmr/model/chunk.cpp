#include "xmr/model/chunk.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include <fmt/format.h>

#include "xmr/model/chunk_bytes.hpp"
#include "xmr/model/section_check.hpp"
#include "xmr/util/error.hpp"
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
  if (header.type != WeightType::i1 && header.type != WeightType::f2 && header.type != WeightType::f4) return false;
  // The counts are compared with the size before anything behind the header is read.
  if (header.children > bytes.size() || header.sections != chunk_bytes::sections_of(header.children)) return false;
  std::uint64_t position = chunk_bytes::tables_position(header.children, header.type);
  if (position > bytes.size()) return false;
  const ChunkView chunk = ChunkView::trusted(bytes);
  for (std::uint32_t n = 0; n < header.sections; ++n) {
    const Entry& entry = entry_of(bytes, n);
    if (entry.form != RowForm::sparse && entry.form != RowForm::dense) return false;
    if (entry.table_form > TableForm::wide_hash) return false;
    if (entry.table != position) return false;
    position += chunk_bytes::section_size(entry.lines, entry.units, chunk.section(n).unit());
    if (position > bytes.size()) return false;
  }
  return position == bytes.size();
}

// Returns the fault of the head of a chunk whose parts have the right sizes, or nullptr.
const char* find_head_fault(const ChunkView& chunk, std::uint64_t feature_count) {
  for (const float value : chunk.bias())
    if (!std::isfinite(value)) return "a bias is not finite";
  for (const float scale : chunk.scales())
    if (!std::isfinite(scale) || scale < 0) return "a scale is not a number of at least 0";
  for (std::uint32_t n = 0; n < chunk.sections(); ++n)
    if (const char* fault = find_table_fault(chunk.section(n), feature_count)) return fault;
  return nullptr;
}

void require_header(std::string_view bytes, const std::string& place) {
  if (bytes.size() < sizeof(Header))
    throw FormatError(place, fmt::format("a chunk of {} bytes, at least {} are needed", bytes.size(), sizeof(Header)));
}

}  // namespace

ChunkView ChunkView::open(std::string_view bytes, std::uint32_t children, std::uint64_t feature_count,
                          const std::string& place) {
  assert(reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(Header) == 0);
  require_header(bytes, place);
  if (header_of(bytes).checksum != hash64(bytes.substr(sizeof(Header::checksum))))
    throw FormatError(place, "damaged chunk (checksum)");
  const ChunkView chunk = open_head(bytes, children, feature_count, place);
  for (std::uint32_t n = 0; n < chunk.sections(); ++n)
    if (const char* fault = find_fault(chunk.section(n), feature_count))
      throw FormatError(place, fmt::format("bad chunk: {}", fault));
  return chunk;
}

ChunkView ChunkView::open_head(std::string_view bytes, std::uint32_t children, std::uint64_t feature_count,
                               const std::string& place) {
  require_header(bytes, place);
  if (!sizes_fit(bytes)) throw FormatError(place, "damaged chunk (checksum)");
  const Header& header = header_of(bytes);
  if (header.children != children)
    throw FormatError(place, fmt::format("a chunk of {} children, the tree has {}", header.children, children));
  const ChunkView chunk(bytes);
  if (const char* fault = find_head_fault(chunk, feature_count))
    throw FormatError(place, fmt::format("bad chunk: {}", fault));
  return chunk;
}

std::uint64_t ChunkView::head_size(std::uint32_t children) {
  return chunk_bytes::tables_position(children, WeightType::i1);
}

std::uint64_t claimed_weights(std::string_view chunk, const std::string& place) {
  if (chunk.size() < sizeof(Header) || header_of(chunk).sections > (chunk.size() - sizeof(Header)) / sizeof(Entry))
    throw FormatError(place, fmt::format("a chunk of {} bytes is too short for its sections", chunk.size()));
  return ChunkView::trusted(chunk).weights();
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

std::span<const float> ChunkView::scales() const {
  if (type() != WeightType::i1) return {};
  return {reinterpret_cast<const float*>(bytes_.data() + chunk_bytes::scale_position(children())), children()};
}

SectionView ChunkView::section(std::uint32_t n) const {
  const Entry& entry = entry_of(bytes_, n);
  const std::uint32_t first = n * kSectionChildren, count = std::min(kSectionChildren, children() - first);
  const auto* const table = reinterpret_cast<const std::uint8_t*>(bytes_.data()) + entry.table;
  return {.first_child = first,
          .children = count,
          .type = type(),
          .form = entry.form,
          .table = entry.table_form,
          .feature_bits = entry.feature_bits,
          .bias = bias().subspan(first, count),
          .scales = type() == WeightType::i1 ? scales().subspan(first, count) : std::span<const float>(),
          .lines = table,
          .line_count = entry.lines,
          .payload = table + std::size_t{entry.lines} * kChunkAlignment,
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
