#include "xmr/model/chunk_join.hpp"

#include <algorithm>
#include <bit>
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

}  // namespace xmr
