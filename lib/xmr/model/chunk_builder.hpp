#pragma once
// Builds a chunk feature by feature, in increasing order. Equal rows give equal bytes. Weights are rounded to the
// chunk's type; zeros are dropped.
//
//   ChunkBuilder builder(children, features, WeightType::f2);
//   builder.set_bias(0, -1); builder.add(feature, weights); ...
//   builder.finish(bytes);
//
// Memory: 3 bytes a weight (5 for 32-bit and 8-bit weights, 2 more in finish() for the latter; up to twice that without
// reserve()) and 16 bytes a row; finish() takes 6 bytes a row more. Cost: O(weights + rows). Thread rule: a builder
// belongs to one thread.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/model/chunk_rows.hpp"

namespace xmr {

class ChunkBuilder {
 public:
  // `features`: number of features of the model, at most kNoFeature.
  ChunkBuilder(std::uint32_t children, std::uint64_t features, WeightType type);

  // Reserves memory for `weights` weights in all.
  void reserve(std::uint64_t weights);
  void set_bias(std::uint32_t child, float value) { bias_[child] = value; }
  // Adds the weights of a feature, by increasing child, finite. Features increase. If a weight exceeds the range of its
  // type, or there are too many weights, throws DataError.
  void add(FeatureId feature, std::span<const ChildWeight> weights);
  // Appends the chunk to `out`, whose size is a multiple of kChunkAlignment before and after.
  void finish(std::string& out) const;

 private:
  // Appends a stored value.
  void store(std::uint32_t section, FeatureId feature, std::uint8_t child, const void* value, std::uint32_t width);
  ChunkBuilder with_8_bits() const;
  void write(std::string& out) const;

  struct Row {
    FeatureId feature;
    std::uint32_t size;
    std::uint64_t begin;  // position among the weights
  };
  struct Section {
    std::uint32_t children;
    std::vector<Row> rows;
    std::uint64_t weights = 0;
  };
  // Form and size of a section.
  struct Layout {
    RowForm form = RowForm::sparse;
    TableForm table = TableForm::hash;
    std::uint32_t lines = 0, units = 0;
  };
  Layout layout_of(const Section& section) const;
  std::uint32_t hash_blocks(const Section& section, std::uint32_t most) const;
  void write_hash(const Section& section, const Layout& layout, char* at) const;
  void write_wide_hash(const Section& section, const Layout& layout, char* at) const;
  void write_bitmap(const Section& section, const Layout& layout, char* at) const;
  std::uint8_t write_row(const Section& section, const Row& row, RowForm form, char* payload,
                         std::uint32_t& units) const;

  std::uint64_t features_;
  WeightType type_;
  std::vector<float> bias_, scales_;  // scales: see with_8_bits()
  std::vector<Section> sections_;
  // Child (counted from the section's first) and stored value of each weight; float32 before it gets 8 bits.
  std::vector<std::uint8_t> children_;
  std::string values_;
};

}  // namespace xmr
