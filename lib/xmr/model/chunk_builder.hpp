#pragma once
// Builds a chunk feature by feature, in increasing order; the same rows give the same bytes. Weights are rounded to the
// chunk's type; what becomes 0 is left out.
//
//   ChunkBuilder builder(children, features, WeightType::f2);
//   builder.set_bias(0, -1); builder.add(feature, weights); ...
//   builder.finish(bytes);
//
// Memory: 3 bytes a weight (of 32 bits 5; up to twice that where reserve() was not told how many) and 16 bytes a row
// until finish(), which needs 4 bytes a row more. Cost: O(weights + rows). Thread rule: a builder belongs to one
// thread.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/model/chunk_rows.hpp"

namespace xmr {

class ChunkBuilder {
 public:
  // Of a model with so many features, at most kNoFeature.
  ChunkBuilder(std::uint32_t children, std::uint64_t features, WeightType type);

  // Of so many weights in all.
  void reserve(std::uint64_t weights);
  void set_bias(std::uint32_t child, float value) { bias_[child] = value; }
  // `weights` by increasing child, finite; features of the model, increasing. DataError for a weight beyond the type's
  // range and at more weights than can be counted.
  void add(FeatureId feature, std::span<const ChildWeight> weights);
  // Appends the chunk to `out`, whose size is a multiple of kChunkAlignment before and after.
  void finish(std::string& out) const;

 private:
  struct Row {
    FeatureId feature;
    std::uint32_t size;
    std::uint64_t begin;  // among the weights
  };
  struct Section {
    std::uint32_t children;
    std::vector<Row> rows;
    std::uint64_t weights = 0;
  };
  // How a section is stored.
  struct Layout {
    RowForm form = RowForm::sparse;
    TableForm table = TableForm::hash;
    std::uint32_t lines = 0, units = 0;
  };
  Layout layout_of(const Section& section) const;
  void write_hash(const Section& section, const Layout& layout, char* at) const;
  void write_bitmap(const Section& section, const Layout& layout, char* at) const;
  std::uint32_t write_row(const Section& section, const Row& row, RowForm form, char* at) const;

  std::uint64_t features_;
  WeightType type_;
  std::vector<float> bias_;
  std::vector<Section> sections_;
  // Of each weight, as they will be stored: the child, counted from the section's first, and the value.
  std::vector<std::uint8_t> children_;
  std::string values_;
};

}  // namespace xmr
