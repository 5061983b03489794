#include "xmr/model/chunk_join.hpp"

#include <algorithm>
#include <bit>
#include <iterator>
#include <vector>

#include "xmr/model/chunk_builder.hpp"
#include "xmr/model/chunk_rows.hpp"

namespace xmr {

std::string join_chunks(std::span<const ChunkView> chunks, std::uint64_t features, const std::string& place) {
  ChunkBuilder builder(chunks.front().children(), features, chunks.front().type());
  std::vector<ChunkRows> rows;
  for (const ChunkView& chunk : chunks) {
    rows.push_back(read_rows(chunk, place));
    // By its bits: a bias of -0 is one, too.
    for (std::uint32_t child = 0; child < chunk.children(); ++child)
      if (std::bit_cast<std::uint32_t>(chunk.bias()[child]) != 0) builder.set_bias(child, chunk.bias()[child]);
  }
  std::vector<std::size_t> next(rows.size());
  std::vector<ChildWeight> weights;
  for (;;) {
    FeatureId feature = kNoFeature;
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (next[i] < rows[i].features.size()) feature = std::min(feature, rows[i].features[next[i]]);
    if (feature == kNoFeature) break;
    weights.clear();
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (next[i] < rows[i].features.size() && rows[i].features[next[i]] == feature) {
        const auto row = rows[i].row(next[i]++);
        weights.insert(weights.end(), row.begin(), row.end());
      }
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
  const ChunkRows rows = read_rows(chunk, place);
  std::vector<ChildWeight> weights;
  for (std::size_t n = 0; n < rows.features.size(); ++n) {
    weights.clear();
    std::ranges::copy_if(rows.row(n), std::back_inserter(weights),
                         [&](const ChildWeight& weight) { return std::ranges::binary_search(children, weight.child); });
    if (!weights.empty()) builder.add(rows.features[n], weights);
  }
  std::string part;
  builder.finish(part);
  return part;
}

}  // namespace xmr
