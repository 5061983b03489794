#include "xmr/predict/kernels.hpp"

#include <algorithm>
#include <array>

namespace xmr {

namespace {

constexpr std::size_t kTogether = 16;  // look-ups that run side by side
constexpr std::size_t kBlock = 64;     // features of the query between two rounds of arithmetic

// A feature that chunk and query share.
struct Hit {
  std::uint32_t row;  // its number in the chunk
  float x;            // its value in the query
};

// For each of kTogether features, the position of the last of `features` that is not larger, or 0. Binary search
// without branches, in step, so that the cache misses of all overlap.
std::array<std::uint32_t, kTogether> look_up(std::span<const FeatureId> features,
                                             const std::array<FeatureId, kTogether>& wanted) {
  std::array<std::uint32_t, kTogether> at{};
  const FeatureId* const first = features.data();
  for (auto rest = static_cast<std::uint32_t>(features.size()); rest > 1;) {
    const std::uint32_t half = rest / 2;
    for (std::size_t i = 0; i < kTogether; ++i)
      at[i] += first[at[i] + half] <= wanted[i] ? half : 0;
    rest -= half;
  }
  return at;
}

// The hits of a piece of at most kBlock features of the query; returns their number.
std::size_t find_hits(std::span<const FeatureId> features, SparseRow piece, std::array<Hit, kBlock>& hits) {
  std::size_t found = 0;
  for (std::size_t start = 0; start < piece.size(); start += kTogether) {
    const std::size_t count = std::min(kTogether, piece.size() - start);
    std::array<FeatureId, kTogether> wanted{};
    std::ranges::copy(piece.indices.subspan(start, count), wanted.begin());
    const std::array<std::uint32_t, kTogether> at = look_up(features, wanted);
    for (std::size_t i = 0; i < count; ++i) {
      hits[found] = {at[i], piece.values[start + i]};
      found += features[at[i]] == wanted[i] ? 1 : 0;
    }
  }
  return found;
}

}  // namespace

void score_chunk(const ChunkView& chunk, SparseRow query, float* margins) {
  std::ranges::copy(chunk.bias, margins);
  if (chunk.features.empty()) return;
  std::array<Hit, kBlock> hits;
  for (std::size_t start = 0; start < query.size(); start += kBlock) {
    const std::size_t count = std::min(kBlock, query.size() - start);
    const std::size_t found =
        find_hits(chunk.features, {query.indices.subspan(start, count), query.values.subspan(start, count)}, hits);
    // Each step asks for the memory that the next one reads.
    for (std::size_t i = 0; i < found; ++i)
      __builtin_prefetch(&chunk.offsets[hits[i].row]);
    for (std::size_t i = 0; i < found; ++i) {
      const ChildWeight* const weights = chunk.weights.data() + chunk.offsets[hits[i].row];
      __builtin_prefetch(weights);
      __builtin_prefetch(weights + 64 / sizeof(ChildWeight));
    }
    for (std::size_t i = 0; i < found; ++i)
      for (const ChildWeight& weight : chunk.row(hits[i].row))
        margins[weight.child] += hits[i].x * weight.value;
  }
}

}  // namespace xmr
