#pragma once
// The weights of a chunk as rows by increasing feature, for conversion, inspection and pruning: one row after the
// other, or all rows at once. Cost: O(rows log rows + weights) time; 24 bytes a row; all rows at once take 8 bytes a
// weight and 12 a row more. Thread rule: plain data.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/model/chunk.hpp"

namespace xmr {

// One weight of a chunk: the child, counted from the parent's first, and the value.
struct ChildWeight {
  std::uint32_t child;
  float value;

  bool operator==(const ChildWeight&) const = default;
};

struct ChunkRows {
  std::vector<FeatureId> features;     // strictly increasing
  std::vector<std::uint64_t> offsets;  // features.size()+1: start of each feature's weights
  std::vector<ChildWeight> weights;    // of one feature by increasing child; finite and not 0

  // Returns the weights of the n-th feature of the chunk.
  std::span<const ChildWeight> row(std::size_t n) const {
    return std::span(weights).subspan(offsets[n], offsets[n + 1] - offsets[n]);
  }
};

// Position of a row of a chunk.
struct ChunkRowPlace {
  FeatureId feature;
  std::uint32_t section;
  const std::uint8_t* row;
  std::uint32_t size;
};

// Reads the rows one after the other. The chunk must outlive the reader.
class ChunkRowReader {
 public:
  ChunkRowReader(const ChunkView& chunk, std::string place);

  // The feature of the next row; kNoFeature at the end.
  FeatureId feature() const { return next_ < places_.size() ? places_[next_].feature : kNoFeature; }
  // Appends the weights of that feature, by increasing child, and moves on. Throws FormatError as read_rows() does.
  void take(std::vector<ChildWeight>& weights);

 private:
  [[noreturn]] void refuse(const char* fault) const;

  std::string place_;
  std::vector<SectionView> sections_;
  std::vector<ChunkRowPlace> places_;  // by feature, then by section
  std::size_t next_ = 0;
  std::uint64_t weights_left_;
};

// Reads all rows. If a weight is 0, not finite, or of a child outside the chunk, throws FormatError with `place`: the
// checksum cannot exclude forged weights.
ChunkRows read_rows(const ChunkView& chunk, const std::string& place);

}  // namespace xmr
