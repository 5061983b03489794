#include "xmr/predict/kernels.hpp"

#include <string>
#include <vector>

#include <hwy/targets.h>

#include "support/catch.hpp"
#include "support/random_chunk.hpp"
#include "support/random_matrix.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

// The margins of several queries in all sections of a chunk, scored together.
std::vector<float> scored(const std::string& bytes, CsrView queries) {
  const ChunkView chunk = ChunkView::trusted(bytes);
  std::vector<float> margins(queries.rows * chunk.children(), -1);
  std::vector<SectionQuery> pairs;
  for (Row row = 0; row < queries.rows; ++row)
    for (std::uint32_t n = 0; n < chunk.sections(); ++n) {
      const SectionView section = chunk.section(n);
      pairs.push_back({section, queries.row(row), &margins[row * chunk.children() + section.first_child]});
    }
  score_sections(pairs);
  return margins;
}

std::vector<float> expected(const PlainChunk& chunk, CsrView queries) {
  std::vector<float> margins;
  for (Row row = 0; row < queries.rows; ++row)
    for (std::uint32_t child = 0; child < chunk.children; ++child) {
      const SparseRow query = queries.row(row);
      float sum = chunk.bias[child];
      for (std::size_t i = 0; i < query.size(); ++i)
        sum += query.values[i] * chunk.weights[query.indices[i]][child];
      margins.push_back(sum);
    }
  return margins;
}

}  // namespace

TEST_CASE("margins are bias plus products, summed in the order of the features, on every instruction set") {
  const std::uint32_t children = GENERATE(1U, 3U, 4U, 5U, 16U, 17U, 64U, 100U, 239U, 240U, 241U, 700U);
  const double rows = GENERATE(0.02, 0.5, 1.0), density = GENERATE(0.01, 0.1, 0.5, 1.0);
  const WeightType type = GENERATE(WeightType::f2, WeightType::f4);
  Random random(children, static_cast<std::uint64_t>(1000 * (rows + 10 * density)));
  const FeatureId features = 300;
  const PlainChunk chunk = random_chunk(random, children, features, rows, density);
  const std::string bytes = chunk.bytes(type);
  const CsrMatrix queries = random_matrix(5, features, GENERATE(0.03, 0.5, 1.0), children);
  const std::vector<float> margins = expected(chunk, queries);
  for (std::int64_t rest = hwy::SupportedTargets(); rest != 0; rest &= rest - 1) {
    hwy::SetSupportedTargetsForTest(rest & -rest);
    hwy::GetChosenTarget().DeInit();
    INFO(hwy::TargetName(rest & -rest) << ", " << children << " children, rows " << rows << ", density " << density);
    CHECK(scored(bytes, queries) == margins);
    hwy::SetSupportedTargetsForTest(0);
  }
  hwy::GetChosenTarget().DeInit();
}

TEST_CASE("a chunk without weights and a query without features leave the bias") {
  for (const WeightType type : {WeightType::f2, WeightType::f4}) {
    ChunkBuilder empty(2, 5, type);
    empty.set_bias(1, 0.5F);
    std::string bytes;
    empty.finish(bytes);
    CsrMatrix queries(5);
    queries.end_row();
    queries.push(0, 1);
    queries.push(4, 2);
    queries.end_row();
    CHECK(scored(bytes, queries) == std::vector<float>{0, 0.5F, 0, 0.5F});
  }
}

TEST_CASE("nothing to score is legal") {
  score_sections({});
}
