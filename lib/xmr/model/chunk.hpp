#pragma once
// A chunk holds the weights of all children of one parent (MSCM, Etter et al., WWW 2022): the features that any child
// uses, and for each of them the children that use it. One look-up of a query's feature serves all siblings.
//
// A chunk is one contiguous, 64-byte aligned piece of bytes that carries its own checksum, so that training writes it
// parent by parent, a query touches few pages, and damage is found at the first visit and not at opening.
// chunk.cpp is the only place that knows the bytes; docs/formats.md has the byte table.
// Thread rule: a ChunkView is plain data; a ChunkBuilder belongs to one thread.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/util/types.hpp"

namespace xmr {

// Chunks start and end at multiples of this.
inline constexpr std::size_t kChunkAlignment = 64;

// One weight of a chunk: which child (counted from the parent's first child) and its value.
struct ChildWeight {
  std::uint32_t child;
  float value;

  bool operator==(const ChildWeight&) const = default;
};

// A view of a chunk's bytes.
struct ChunkView {
  std::uint32_t children = 0;
  std::span<const float> bias;             // one per child: bias value × bias weight, ready to be added
  std::span<const FeatureId> features;     // strictly increasing
  std::span<const std::uint32_t> offsets;  // features.size()+1: where each feature's weights start
  std::span<const ChildWeight> weights;    // of one feature: by increasing child; finite and not 0

  // The children that use the n-th feature of the chunk.
  std::span<const ChildWeight> row(std::size_t n) const {
    return weights.subspan(offsets[n], offsets[n + 1] - offsets[n]);
  }

  // Verifies size, checksum, order and ranges (features below feature_count, children as many as said); FormatError
  // with `place` on anything else. `bytes` must be aligned as a chunk is. O(size).
  static ChunkView open(std::string_view bytes, std::uint32_t children, std::uint64_t feature_count,
                        const std::string& place);
  // The same without looking at more than the header: for chunks that were opened before.
  static ChunkView trusted(std::string_view bytes);
};

// Builds a chunk feature by feature, in increasing order.
class ChunkBuilder {
 public:
  explicit ChunkBuilder(std::uint32_t children) : bias_(children) {}

  void set_bias(std::uint32_t child, float value) { bias_[child] = value; }
  // `weights` by increasing child, none of them 0, at least one. DataError at more than 2^32-1 weights in all.
  void add(FeatureId feature, std::span<const ChildWeight> weights);
  // Appends the chunk to `out`, whose size is a multiple of kChunkAlignment before and after.
  void finish(std::string& out) const;

 private:
  std::vector<float> bias_;
  std::vector<FeatureId> features_;
  std::vector<std::uint32_t> offsets_{0};
  std::vector<ChildWeight> weights_;
};

}  // namespace xmr
