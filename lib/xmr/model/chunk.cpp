#include "xmr/model/chunk.hpp"

#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {

static_assert(std::endian::native == std::endian::little, "chunks are used in place and are little-endian");

namespace {

// What stands at a chunk's start. The four arrays follow, each padded with zeros to a multiple of 64 bytes.
struct Header {
  std::uint64_t checksum;  // of all bytes of the chunk after this one
  std::uint32_t children;
  std::uint32_t features;
  std::uint64_t weights;
  std::uint8_t reserved[40];  // 0
};
static_assert(sizeof(Header) == kChunkAlignment);

template <class T>
constexpr std::uint64_t padded(std::uint64_t count) {
  return (count * sizeof(T) + kChunkAlignment - 1) / kChunkAlignment * kChunkAlignment;
}

// Where each array starts, and the size of the whole.
struct Layout {
  std::uint64_t bias, features, offsets, weights, size;

  Layout(std::uint64_t child_count, std::uint64_t feature_count, std::uint64_t weight_count)
      : bias(sizeof(Header)),
        features(bias + padded<float>(child_count)),
        offsets(features + padded<FeatureId>(feature_count)),
        weights(offsets + padded<std::uint32_t>(feature_count + 1)),
        size(weights + padded<ChildWeight>(weight_count)) {}
};

std::uint64_t checksum_of(std::string_view bytes) {
  return hash64(bytes.substr(sizeof(Header::checksum)));
}

Header header_of(std::string_view bytes) {
  Header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  return header;
}

template <class T>
std::span<const T> array_at(std::string_view bytes, std::uint64_t position, std::uint64_t count) {
  return {reinterpret_cast<const T*>(bytes.data() + position), count};
}

// What is wrong with the content of a chunk whose sizes are right; nullptr if nothing.
const char* find_fault(const ChunkView& chunk, std::uint64_t feature_count) {
  for (const float value : chunk.bias)
    if (!std::isfinite(value)) return "a bias is not finite";
  for (std::size_t n = 0; n < chunk.features.size(); ++n) {
    if (chunk.features[n] >= feature_count) return "a feature is outside the model's";
    if (n > 0 && chunk.features[n] <= chunk.features[n - 1]) return "the features are not increasing";
  }
  if (chunk.offsets.front() != 0 || chunk.offsets.back() != chunk.weights.size())
    return "the offsets do not cover the weights";
  for (std::size_t n = 0; n < chunk.features.size(); ++n)
    if (chunk.offsets[n] >= chunk.offsets[n + 1]) return "the offsets are not increasing";
  for (std::size_t n = 0; n < chunk.features.size(); ++n) {
    const auto row = chunk.row(n);
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i].child >= chunk.children) return "a weight belongs to no child";
      if (i > 0 && row[i].child <= row[i - 1].child) return "the children of a feature are not increasing";
      if (!std::isfinite(row[i].value) || row[i].value == 0) return "a weight is 0 or not finite";
    }
  }
  return nullptr;
}

}  // namespace

ChunkView ChunkView::open(std::string_view bytes, std::uint32_t children, std::uint64_t feature_count,
                          const std::string& place) {
  assert(reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(Header) == 0);
  if (bytes.size() < sizeof(Header))
    throw FormatError(place, fmt::format("a chunk of {} bytes, at least {} are needed", bytes.size(), sizeof(Header)));
  const Header header = header_of(bytes);
  // The counts are compared with the size before they are multiplied.
  const bool fits = header.features <= bytes.size() && header.weights <= bytes.size() &&
                    header.children <= bytes.size() &&
                    Layout(header.children, header.features, header.weights).size == bytes.size();
  if (!fits || header.checksum != checksum_of(bytes)) throw FormatError(place, "damaged chunk (checksum)");
  if (header.children != children)
    throw FormatError(place, fmt::format("a chunk of {} children, the tree has {}", header.children, children));
  const ChunkView chunk = trusted(bytes);
  if (const char* fault = find_fault(chunk, feature_count))
    throw FormatError(place, fmt::format("bad chunk: {}", fault));
  return chunk;
}

ChunkView ChunkView::trusted(std::string_view bytes) {
  const Header header = header_of(bytes);
  const Layout at(header.children, header.features, header.weights);
  return {.children = header.children,
          .bias = array_at<float>(bytes, at.bias, header.children),
          .features = array_at<FeatureId>(bytes, at.features, header.features),
          .offsets = array_at<std::uint32_t>(bytes, at.offsets, std::uint64_t{header.features} + 1),
          .weights = array_at<ChildWeight>(bytes, at.weights, header.weights)};
}

void ChunkBuilder::add(FeatureId feature, std::span<const ChildWeight> weights) {
  assert(!weights.empty() && (features_.empty() || features_.back() < feature));
  if (weights_.size() + weights.size() > std::numeric_limits<std::uint32_t>::max())
    throw DataError("model", "one parent's children have more than 4294967295 weights",
                    "a larger --threshold, or --top-weights, keeps fewer");
  features_.push_back(feature);
  weights_.insert(weights_.end(), weights.begin(), weights.end());
  offsets_.push_back(static_cast<std::uint32_t>(weights_.size()));
}

void ChunkBuilder::finish(std::string& out) const {
  const Layout at(bias_.size(), features_.size(), weights_.size());
  const std::size_t begin = out.size();
  out.resize(begin + at.size);  // zeros, the padding among them
  char* const bytes = out.data() + begin;
  const auto put = [&](std::uint64_t position, const auto& values) {
    if (!values.empty()) std::memcpy(bytes + position, values.data(), values.size() * sizeof(values[0]));
  };
  Header header{.checksum = 0,
                .children = static_cast<std::uint32_t>(bias_.size()),
                .features = static_cast<std::uint32_t>(features_.size()),
                .weights = weights_.size(),
                .reserved = {}};
  std::memcpy(bytes, &header, sizeof header);
  put(at.bias, bias_);
  put(at.features, features_);
  put(at.offsets, offsets_);
  put(at.weights, weights_);
  header.checksum = checksum_of({bytes, at.size});
  std::memcpy(bytes, &header.checksum, sizeof header.checksum);
}

}  // namespace xmr
