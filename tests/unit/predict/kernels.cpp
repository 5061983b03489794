#include "xmr/predict/kernels.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "xmr/model/chunk_rows.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"
#include "xmr/util/targets.hpp"

#include "support/catch.hpp"
#include "support/random_chunk.hpp"
#include "support/random_matrix.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

// A part of a chunk, aligned as chunks are.
struct alignas(kChunkAlignment) ChunkLine {
  char bytes[kChunkAlignment];
};

// The margins of several queries in all sections of a chunk, scored together.
std::vector<float> scored(std::string_view bytes, CsrView queries) {
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

// As expected(), with 8-bit weights: the sum of the steps comes before the scale.
std::vector<float> expected_of_steps(const std::string& bytes, CsrView queries) {
  const ChunkView chunk = ChunkView::trusted(bytes);
  const ChunkRows rows = read_rows(chunk, "chunk");
  std::vector<std::vector<float>> steps(queries.cols, std::vector<float>(chunk.children()));
  for (std::size_t n = 0; n < rows.features.size(); ++n)
    for (const ChildWeight& weight : rows.row(n))
      steps[rows.features[n]][weight.child] = weight.value / chunk.scales()[weight.child];
  std::vector<float> margins;
  const PlainChunk plain{.children = chunk.children(), .bias = std::vector<float>(chunk.children()), .weights = steps};
  for (const float sum : expected(plain, queries)) {
    const std::size_t child = margins.size() % chunk.children();
    margins.push_back(chunk.bias()[child] + chunk.scales()[child] * sum);
  }
  return margins;
}

}  // namespace

TEST_CASE("margins are bias plus products, summed in the order of the features, on every instruction set") {
  const std::uint32_t children = GENERATE(1U, 3U, 4U, 5U, 16U, 17U, 64U, 100U, 239U, 240U, 241U, 700U);
  const double rows = GENERATE(0.02, 0.5, 1.0), density = GENERATE(0.01, 0.1, 0.5, 1.0);
  const WeightType type = GENERATE(WeightType::i1, WeightType::f2, WeightType::f4);
  Random random(children, static_cast<std::uint64_t>(1000 * (rows + 10 * density)));
  const FeatureId features = 300;
  const PlainChunk chunk = random_chunk(random, children, features, rows, density);
  const std::string bytes = chunk.bytes(type);
  const CsrMatrix queries = random_matrix(5, features, GENERATE(0.03, 0.5, 1.0), children);
  const std::vector<float> margins =
      type == WeightType::i1 ? expected_of_steps(bytes, queries) : expected(chunk, queries);
  for (std::int64_t rest = supported_targets(); rest != 0; rest &= rest - 1) {
    set_targets_for_test(rest & -rest);
    INFO(hwy::TargetName(rest & -rest) << ", " << children << " children, rows " << rows << ", density " << density);
    CHECK(scored(bytes, queries) == margins);
    set_targets_for_test(0);
  }
}

TEST_CASE("each form of table finds the rows of its features and no others, on every instruction set") {
  const auto [features, rows, form] =
      GENERATE(table<FeatureId, std::uint32_t, TableForm>({{5'000, 700, TableForm::bitmap},
                                                           {5'000, 150, TableForm::hash},
                                                           {100'000, 3'000, TableForm::hash},
                                                           {2'000'000, 3'000, TableForm::hash},
                                                           {20'000'000, 3'000, TableForm::wide_hash}}));
  const std::uint32_t children = GENERATE(1U, 30U);
  const WeightType type = GENERATE(WeightType::f2, WeightType::f4);
  Random random(features, children);
  std::map<FeatureId, std::vector<ChildWeight>> weights;
  while (weights.size() < rows) {
    std::vector<ChildWeight>& row = weights[static_cast<FeatureId>(random.below(features))];
    row.clear();
    for (std::uint32_t child = 0; child < children; ++child)
      if (random.below(children) < 2) row.push_back({child, static_cast<float>(1 + random.below(100))});
    if (row.empty()) row.push_back({0, 1});
  }
  ChunkBuilder builder(children, features, type);
  CsrMatrix queries(features);
  std::vector<float> sums(children);
  for (const auto& [feature, row] : weights) {
    builder.add(feature, row);
    const FeatureId before = feature - (feature > 0 ? 1 : 0);
    if (!weights.contains(before) && (queries.view().nnz() == 0 || before > queries.view().indices.back()))
      queries.push(before, 3);
    queries.push(feature, 2);
    for (const auto& [child, weight] : row)
      sums[child] += 2 * weight;
  }
  queries.end_row();
  std::string bytes;
  builder.finish(bytes);
  CHECK(ChunkView::trusted(bytes).section(0).table == form);
  for (std::int64_t rest = supported_targets(); rest != 0; rest &= rest - 1) {
    set_targets_for_test(rest & -rest);
    INFO(hwy::TargetName(rest & -rest));
    CHECK(scored(bytes, queries) == sums);
    set_targets_for_test(0);
  }
}

TEST_CASE("a forged chunk is refused, or its rows stay inside") {
  const WeightType type = GENERATE(WeightType::i1, WeightType::f2, WeightType::f4);
  const auto [features, density] =
      GENERATE(table<FeatureId, double>({{60, 0.1}, {60, 1.0}, {2000, 0.01}, {3000, 1.0}}));
  Random random(features, static_cast<std::uint64_t>(type));
  const std::uint32_t children = 20;
  const std::string bytes = random_chunk(random, children, features, features < 100 ? 0.8 : 0.01, density).bytes(type);
  CsrMatrix query(features);
  for (FeatureId feature = 0; feature < features; ++feature)
    query.push(feature, 1);
  query.end_row();
  for (std::size_t position = 8; position < bytes.size(); ++position)
    for (const int value : {1, 0x7f, 0xff}) {
      // A buffer of the exact size, so that AddressSanitizer sees reads behind it.
      std::vector<ChunkLine> forged(bytes.size() / sizeof(ChunkLine));
      char* const at = forged.front().bytes;
      std::ranges::copy(bytes, at);
      const std::string_view view(at, bytes.size());
      at[position] = static_cast<char>(at[position] ^ value);
      const std::uint64_t checksum = hash64(view.substr(8));
      std::memcpy(at, &checksum, sizeof checksum);
      try {
        ChunkView::open(view, children, features, "chunk");
      } catch (const FormatError&) {
        continue;
      }
      scored(view, query.view());
    }
}

TEST_CASE("a chunk without weights and a query without features leave the bias") {
  for (const WeightType type : {WeightType::i1, WeightType::f2, WeightType::f4}) {
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
