#include "xmr/predict/kernels.hpp"

#include <map>
#include <string>
#include <vector>

#include "xmr/util/random.hpp"

#include "support/catch.hpp"

using namespace xmr;

TEST_CASE("a chunk's margins are bias plus products, summed in the order of the features") {
  Random random(7);
  for (int round = 0; round < 200; ++round) {
    const auto children = static_cast<std::uint32_t>(1 + random.below(20));
    const auto features = static_cast<FeatureId>(1 + random.below(300));
    std::vector<std::vector<float>> dense(features, std::vector<float>(children));
    ChunkBuilder builder(children);
    std::vector<float> expected(children);
    for (std::uint32_t c = 0; c < children; ++c) {
      expected[c] = static_cast<float>(random.uniform());
      builder.set_bias(c, expected[c]);
    }
    for (FeatureId f = 0; f < features; ++f) {
      std::vector<ChildWeight> row;
      if (random.below(3) == 0) {
        for (std::uint32_t c = 0; c < children; ++c) {
          if (random.below(4) == 0) row.push_back({c, static_cast<float>(random.uniform() - 0.5)});
        }
      }
      for (const ChildWeight& weight : row)
        dense[f][weight.child] = weight.value;
      if (!row.empty()) builder.add(f, row);
    }
    std::string bytes;
    builder.finish(bytes);
    const ChunkView chunk = ChunkView::open(bytes, children, features, "test");

    std::vector<FeatureId> indices;
    std::vector<float> values;
    for (FeatureId f = 0; f < features; ++f) {
      if (random.below(2) == 0) continue;
      indices.push_back(f);
      values.push_back(static_cast<float>(random.uniform()));
      for (std::uint32_t c = 0; c < children; ++c) {
        if (dense[f][c] != 0) expected[c] += values.back() * dense[f][c];
      }
    }
    std::vector<float> margins(children);
    score_chunk(chunk, {indices, values}, margins.data());
    CHECK(margins == expected);
  }
}

TEST_CASE("a chunk without weights and a query without features leave the bias") {
  ChunkBuilder empty(2);
  empty.set_bias(1, 0.5F);
  std::string bytes;
  empty.finish(bytes);
  std::vector<float> margins(2, -1);
  const std::vector<FeatureId> indices{0, 4};
  const std::vector<float> values{1, 2};
  score_chunk(ChunkView::open(bytes, 2, 5, "test"), {indices, values}, margins.data());
  CHECK(margins == std::vector<float>{0, 0.5F});
  score_chunk(ChunkView::open(bytes, 2, 5, "test"), {}, margins.data());
  CHECK(margins == std::vector<float>{0, 0.5F});
}
