#include "xmr/model/chunk_join.hpp"

#include <algorithm>
#include <bit>
#include <vector>

#include "xmr/model/chunk_builder.hpp"
#include "xmr/model/chunk_rows.hpp"

namespace xmr {

std::string join_chunks(std::span<const ChunkView> chunks, std::uint64_t features, const std::string& place) {
  ChunkBuilder builder(chunks.front().children(), features, chunks.front().type());
  std::vector<ChunkRowReader> readers;
  std::uint64_t all = 0;
  for (const ChunkView& chunk : chunks) {
    readers.emplace_back(chunk, place);
    all += chunk.weights();
    // Compares bits, because -0 is a bias too.
    for (std::uint32_t child = 0; child < chunk.children(); ++child)
      if (std::bit_cast<std::uint32_t>(chunk.bias()[child]) != 0) builder.set_bias(child, chunk.bias()[child]);
  }
  builder.reserve(all);
  std::vector<ChildWeight> weights;
  for (;;) {
    const FeatureId feature = std::ranges::min_element(readers, {}, &ChunkRowReader::feature)->feature();
    if (feature == kNoFeature) break;
    weights.clear();
    for (ChunkRowReader& reader : readers)
      if (reader.feature() == feature) reader.take(weights);
    std::ranges::sort(weights, {}, &ChildWeight::child);
    builder.add(feature, weights);
  }
  std::string joined;
  builder.finish(joined);
  return joined;
}

std::string part_of_chunk(const ChunkView& chunk, std::span<const std::uint32_t> children, std::uint64_t features,
                          const std::string& place) {
  ChunkBuilder builder(chunk.children(), features, chunk.type());
  for (const std::uint32_t child : children)
    builder.set_bias(child, chunk.bias()[child]);
  std::vector<ChildWeight> weights;
  for (ChunkRowReader reader(chunk, place); reader.feature() != kNoFeature;) {
    const FeatureId feature = reader.feature();
    weights.clear();
    reader.take(weights);
    std::erase_if(weights,
                  [&](const ChildWeight& weight) { return !std::ranges::binary_search(children, weight.child); });
    if (!weights.empty()) builder.add(feature, weights);
  }
  std::string part;
  builder.finish(part);
  return part;
}

}  // namespace xmr
