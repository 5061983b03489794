#pragma once
// A chunk holds the weights of all children of one parent (MSCM, Etter et al., WWW 2022): the features that any child
// uses, and for each of them the children that use it. One look-up of a query's feature serves all siblings.
//
// A chunk is one contiguous, 64-byte aligned piece of bytes that carries its own checksum, so that training writes it
// parent by parent, a query touches few pages, and damage is found at the first visit and not at opening.
// docs/formats.md has the byte table.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/util/types.hpp"

namespace xmr {

// One weight of a chunk: which child (counted from the parent's first child) and its value.
struct ChildWeight {
  std::uint32_t child;
  float value;
};

// A view of a chunk's bytes.
struct ChunkView {
  std::uint32_t children = 0;
  std::span<const float> bias;               // one per child: bias value × bias weight, ready to be added
  std::span<const FeatureId> features;       // strictly increasing
  std::span<const std::uint32_t> offsets;    // features.size()+1: where each feature's weights start
  std::span<const ChildWeight> weights;      // of one feature: by increasing child

  // Verifies size, checksum, order and ranges (features below feature_count, children below `children`).
  // FormatError with `place` on anything else. O(size).
  static ChunkView open(std::string_view bytes, std::uint32_t children, std::uint64_t feature_count,
                        const std::string& place);
  // The same without looking at more than the header: for chunks that were opened before.
  static ChunkView trusted(std::string_view bytes);
};

// Builds a chunk feature by feature, in increasing order.
class ChunkBuilder {
 public:
  explicit ChunkBuilder(std::uint32_t children);
  void set_bias(std::uint32_t child, float value) { bias_[child] = value; }
  // Zero weights must have been dropped; a feature without weights is not added.
  void add(FeatureId feature, std::span<const ChildWeight> weights);
  // Appends the chunk to `out` (whose size is a multiple of 64 before and after).
  void finish(std::string& out) const;

 private:
  std::vector<float> bias_;
  std::vector<FeatureId> features_;
  std::vector<std::uint32_t> offsets_{0};
  std::vector<ChildWeight> weights_;
};

}  // namespace xmr
