#pragma once
// Builds a chunk feature by feature, in increasing order; the same rows give the same bytes. Weights are rounded to the
// chunk's type; what becomes 0 is left out.
//
//   ChunkBuilder builder(children, WeightType::f2);
//   builder.set_bias(0, -1); builder.add(feature, weights); ...
//   builder.finish(bytes);
//
// Memory: 8 bytes a weight and 12 bytes a row until finish(), which needs 4 bytes a row more. Cost: O(weights + rows).
// Thread rule: a builder belongs to one thread.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/model/chunk_rows.hpp"

namespace xmr {

class ChunkBuilder {
 public:
  ChunkBuilder(std::uint32_t children, WeightType type);

  void set_bias(std::uint32_t child, float value) { bias_[child] = value; }
  // `weights` by increasing child, finite. DataError for a weight beyond the type's range, for feature 2^32-1, and at
  // more weights than can be counted.
  void add(FeatureId feature, std::span<const ChildWeight> weights);
  // Appends the chunk to `out`, whose size is a multiple of kChunkAlignment before and after.
  void finish(std::string& out) const;

 private:
  struct Row {
    FeatureId feature;
    std::uint32_t size;
    std::uint64_t begin;  // among weights_
  };
  struct Section {
    std::uint32_t children;
    std::vector<Row> rows;
    std::uint64_t weights = 0;

    RowForm form(WeightType type) const;
    std::uint32_t blocks() const;
    std::uint32_t units(WeightType type) const;
  };
  float rounded(float value) const;
  void write_section(const Section& section, char* at) const;
  void write_row(const Section& section, const Row& row, char* at) const;

  WeightType type_;
  std::vector<float> bias_;
  std::vector<Section> sections_;
  std::vector<ChildWeight> weights_;  // rounded; children counted from the section's first
};

}  // namespace xmr
