#pragma once
// The weights of a chunk as rows by increasing feature, for whoever reads all of them: conversion, inspection, pruning;
// one after the other, or all at once. Sorted on reading: O(rows log rows + weights) time, 24 bytes a row, and of all
// at once 8 bytes a weight and 12 a row more. Thread rule: plain data.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/model/chunk.hpp"

namespace xmr {

// One weight of a chunk: which child (counted from the parent's first child) and its value.
struct ChildWeight {
  std::uint32_t child;
  float value;

  bool operator==(const ChildWeight&) const = default;
};

struct ChunkRows {
  std::vector<FeatureId> features;     // strictly increasing
  std::vector<std::uint64_t> offsets;  // features.size()+1: where each feature's weights start
  std::vector<ChildWeight> weights;    // of one feature: by increasing child; finite and not 0

  // The children that use the n-th feature of the chunk.
  std::span<const ChildWeight> row(std::size_t n) const {
    return std::span(weights).subspan(offsets[n], offsets[n + 1] - offsets[n]);
  }
};

// Where a row of a chunk is.
struct ChunkRowPlace {
  FeatureId feature;
  std::uint32_t section;
  const std::uint8_t* row;
  std::uint32_t units;
};

// Its rows, one after the other. The chunk must outlive it.
class ChunkRowReader {
 public:
  ChunkRowReader(const ChunkView& chunk, std::string place);

  // Of the next row; kNoFeature behind the last.
  FeatureId feature() const { return next_ < places_.size() ? places_[next_].feature : kNoFeature; }
  // Appends what the children have of that feature, by increasing child, and goes on. FormatError as read_rows().
  void take(std::vector<ChildWeight>& weights);

 private:
  [[noreturn]] void refuse(const char* fault) const;

  std::string place_;
  std::vector<SectionView> sections_;
  std::vector<ChunkRowPlace> places_;  // by feature, then by section
  std::size_t next_ = 0;
  std::uint64_t weights_left_;
};

// FormatError with `place` for weights that no builder writes (0, not finite, of children that there are not): searches
// would take them for what they are, since the checksum is right.
ChunkRows read_rows(const ChunkView& chunk, const std::string& place);

}  // namespace xmr
