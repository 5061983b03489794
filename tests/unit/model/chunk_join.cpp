#include "xmr/model/chunk_join.hpp"

#include <array>
#include <cmath>

#include "xmr/model/chunk_builder.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

constexpr std::uint32_t kJoinedChildren = 4;
constexpr std::uint64_t kJoinedFeatures = 100;

// A chunk with a bias for each of some children, and the weights of rows by feature.
std::string chunk(const std::vector<ChildWeight>& biases,
                  const std::vector<std::pair<FeatureId, std::vector<ChildWeight>>>& rows) {
  ChunkBuilder builder(kJoinedChildren, kJoinedFeatures, WeightType::f4);
  for (const ChildWeight& bias : biases)
    builder.set_bias(bias.child, bias.value);
  for (const auto& [feature, row] : rows)
    builder.add(feature, row);
  std::string bytes;
  builder.finish(bytes);
  return bytes;
}

}  // namespace

TEST_CASE("chunks of some children each become that of all, biases below 0 and of -0 among them") {
  const std::string even = chunk({{0, -0.5F}, {2, -0.0F}}, {{3, {{0, 1.0F}, {2, 2.0F}}}, {99, {{2, -1.0F}}}});
  const std::string odd = chunk({{1, 0.25F}, {3, -1.5F}}, {{3, {{1, -3.0F}}}, {7, {{3, 0.5F}}}});
  const std::string whole = chunk({{0, -0.5F}, {1, 0.25F}, {2, -0.0F}, {3, -1.5F}},
                                  {{3, {{0, 1.0F}, {1, -3.0F}, {2, 2.0F}}}, {7, {{3, 0.5F}}}, {99, {{2, -1.0F}}}});
  const std::array parts = {ChunkView::trusted(even), ChunkView::trusted(odd)};
  CHECK(join_chunks(parts, kJoinedFeatures, "model") == whole);
  const std::array<std::uint32_t, 2> children = {1, 3};
  CHECK(part_of_chunk(ChunkView::trusted(whole), children, kJoinedFeatures, "model") == odd);
}
