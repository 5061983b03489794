#pragma once
// The weights of a chunk as rows by increasing feature, for whoever reads all of them: conversion, inspection, pruning.
// Sorted on reading: O(rows log rows + weights) time, 8 bytes a weight and 40 bytes a row. Thread rule: plain data.

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

// FormatError with `place` for weights that no builder writes (0, not finite, of children that there are not): searches
// would take them for what they are, since the checksum is right.
ChunkRows read_rows(const ChunkView& chunk, const std::string& place);

}  // namespace xmr
