#pragma once
// Random weights of one parent's children, as a plain matrix and as a chunk.

#include <cstdint>
#include <string>
#include <vector>

#include "xmr/model/chunk_builder.hpp"
#include "xmr/util/random.hpp"

namespace xmr::test {

struct PlainChunk {
  std::uint32_t children = 0;
  std::vector<float> bias;
  std::vector<std::vector<float>> weights;  // [feature][child], 0: none

  std::string bytes(WeightType type) const {
    ChunkBuilder builder(children, weights.size(), type);
    for (std::uint32_t child = 0; child < children; ++child)
      builder.set_bias(child, bias[child]);
    std::vector<ChildWeight> row;
    for (FeatureId feature = 0; feature < weights.size(); ++feature) {
      row.clear();
      for (std::uint32_t child = 0; child < children; ++child)
        if (weights[feature][child] != 0) row.push_back({child, weights[feature][child]});
      if (!row.empty()) builder.add(feature, row);
    }
    std::string out;
    builder.finish(out);
    return out;
  }
};

// `rows` is the share of features that some child uses, `density` the share of children that use such a feature.
// Weights are multiples of 1/64 below 8: all types hold them exactly.
inline PlainChunk random_chunk(Random& random, std::uint32_t children, FeatureId features, double rows,
                               double density) {
  PlainChunk chunk{
      .children = children, .bias = std::vector<float>(children), .weights = {features, std::vector<float>(children)}};
  for (float& bias : chunk.bias)
    bias = static_cast<float>(random.uniform() - 0.5);
  for (std::vector<float>& row : chunk.weights) {
    if (random.uniform() >= rows) continue;
    for (float& weight : row)
      if (random.uniform() < density) weight = (static_cast<float>(random.below(1024)) - 512) / 64;
  }
  return chunk;
}

}  // namespace xmr::test
