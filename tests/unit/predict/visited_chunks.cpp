// Large chunks: a search verifies only the bytes that it reads.

#include <algorithm>
#include <cstring>
#include <numeric>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "xmr/model/chunk_builder.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/predict/beam_search.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/ranked.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using test::ranked;
using test::Ranked;

namespace {

// The parameters of the chunks of a model, and their resulting form.
struct Shape {
  std::uint32_t children;
  std::uint64_t features;
  std::size_t rows;
  double density;
  WeightType type;
  TableForm table;
  RowForm form;
};

const std::vector<Shape> kShapes{
    {60, 300'000, 8'000, 0.3, WeightType::f4, TableForm::hash, RowForm::sparse},
    {700, 4'000, 3'500, 0.25, WeightType::i1, TableForm::bitmap, RowForm::sparse},
    {60, 4'000, 3'500, 1, WeightType::f4, TableForm::bitmap, RowForm::dense},
    {240, 20'000'000, 3'000, 0.4, WeightType::f2, TableForm::wide_hash, RowForm::sparse},
    {60, 2'000'000, 40'000, 0.04, WeightType::f4, TableForm::hash, RowForm::sparse},
};

std::vector<FeatureId> random_features(Random& random, std::uint64_t below, std::size_t count) {
  std::set<FeatureId> features;
  while (features.size() < count)
    features.insert(static_cast<FeatureId>(random.below(below)));
  return {features.begin(), features.end()};
}

// A model of two parents, and queries that visit both.
struct LargeChunks {
  test::TemporaryDirectory folder;
  std::string path = folder / "model.npz", bytes;
  std::vector<std::vector<FeatureId>> queries;
  std::vector<float> values = std::vector<float>(40, 0.125F);

  explicit LargeChunks(const Shape& shape) {
    Random random(5);
    std::vector<LabelId> labels(2 * shape.children);
    std::iota(labels.begin(), labels.end(), 0);
    const LabelTree tree({{0, 2}, {0, shape.children, 2 * shape.children}}, labels);
    std::vector<LevelChunks> levels(2);
    ChunkBuilder(2, shape.features, shape.type).finish(levels[0].emplace_back());
    std::vector<FeatureId> used;
    for (int parent = 0; parent < 2; ++parent) {
      ChunkBuilder builder(shape.children, shape.features, shape.type);
      for (std::uint32_t child = 0; child < shape.children; ++child)
        builder.set_bias(child, static_cast<float>(child) / 64);
      used = random_features(random, shape.features, shape.rows);
      for (const FeatureId feature : used) {
        std::vector<ChildWeight> row;
        for (std::uint32_t child = 0; child < shape.children; ++child)
          if (random.uniform() < shape.density)
            row.push_back({child, 0.5F + static_cast<float>(random.below(64)) / 64});
        if (!row.empty()) builder.add(feature, row);
      }
      builder.finish(levels[1].emplace_back());
    }
    write_model(NpzWriter(path), {.tree = tree,
                                  .features = shape.features,
                                  .weight_type = shape.type,
                                  .levels = levels,
                                  .defaults = {},
                                  .options = {}});
    bytes = test::read_file(path);
    for (int query = 0; query < 3; ++query) {
      std::vector<FeatureId> features = random_features(random, shape.features, 10);
      for (int n = 0; n < 30; ++n)
        features.push_back(used[random.below(used.size())]);
      std::ranges::sort(features);
      features.erase(std::unique(features.begin(), features.end()), features.end());
      queries.push_back(std::move(features));
    }
  }

  Ranked search(const XrLinearModel& model, std::size_t query) const {
    BeamSearch search(model, {.k = 1500, .beam = 2, .post_processor = PostProcessor("noop")});
    const SparseRow row{queries[query], std::span(values).first(queries[query].size())};
    return ranked(search({row}));
  }
  // The places of the chunks and sums of level 1 in the file.
  std::size_t chunks() const {
    const NpzFile file(path);
    const auto member = file.array<std::uint8_t>("level1/chunks");
    return bytes.find(std::string_view(reinterpret_cast<const char*>(member.data()), 65536));
  }
  std::vector<std::uint64_t> sums() const {
    const NpzFile file(path);
    const auto member = file.array<std::uint64_t>("level1/sums");
    return {member.begin(), member.end()};
  }
};

}  // namespace

TEST_CASE("of a large chunk what a search reads is verified, in every block", "[damage]") {
  const Shape shape = GENERATE(from_range(kShapes));
  CAPTURE(shape.children, shape.features, shape.density);
  const LargeChunks sample(shape);
  std::vector<Ranked> expected;
  const XrLinearModel whole = XrLinearModel::open(sample.path);
  CHECK(!whole.file().has("level0/sums"));
  for (NodeId parent = 0; parent < 2; ++parent) {
    CHECK(whole.chunk(1, parent).section(0).table == shape.table);
    CHECK(whole.chunk(1, parent).section(0).form == shape.form);
  }
  for (std::size_t query = 0; query < sample.queries.size(); ++query)
    expected.push_back(sample.search(whole, query));

  const std::vector<std::uint64_t> sums = sample.sums();
  const std::size_t at = sample.chunks();
  const std::string damaged = sample.folder / "damaged.npz", forged = sample.folder / "forged.npz";
  std::size_t refused = 0;
  Random random(7);
  for (std::size_t block = 0; block < sums.size(); ++block) {
    CAPTURE(block);
    std::string bytes = sample.bytes;
    const std::size_t begin = at + block * ChunkSums::kBlock;
    const std::size_t size = std::min<std::size_t>(ChunkSums::kBlock, whole.level_size(1) - block * ChunkSums::kBlock);
    for (std::size_t i = 0; i < size; ++i)
      bytes[begin + i] = static_cast<char>(random.below(256));
    test::write_file(damaged, bytes);
    {
      const XrLinearModel model = XrLinearModel::open(damaged);
      for (std::size_t query = 0; query < sample.queries.size(); ++query) {
        try {
          const Ranked answers = sample.search(model, query);
          REQUIRE(answers == expected[query]);
        } catch (const FormatError& error) {
          const std::string what = error.what();
          REQUIRE(what.find(": level 1, parent ") != std::string::npos);
          REQUIRE(what.ends_with(": damaged chunk (checksum)"));
          ++refused;
        }
      }
      REQUIRE_THROWS_AS((model.chunk(1, 0), model.chunk(1, 1)), FormatError);
      REQUIRE_THROWS_WITH(model.check_sums(1), model.name() + ": level 1: a block of the chunks has another checksum");
    }
    // A forger makes the checksum right: answers may differ, but reads stay inside the chunk.
    const std::string_view old(reinterpret_cast<const char*>(&sums[block]), sizeof sums[block]);
    const std::uint64_t sum = hash64(std::string_view(bytes).substr(begin, size));
    const std::size_t sum_at = sample.bytes.rfind(old);
    REQUIRE(sum_at != std::string::npos);
    std::memcpy(bytes.data() + sum_at, &sum, sizeof sum);
    test::write_file(forged, bytes);
    try {
      const XrLinearModel model = XrLinearModel::open(forged);
      for (std::size_t query = 0; query < sample.queries.size(); ++query)
        static_cast<void>(sample.search(model, query));
    } catch (const FormatError&) {
    }
  }
  CHECK(refused > 0);
  CHECK(refused < sums.size() * sample.queries.size());
}

TEST_CASE("threads that visit a large chunk at once verify it and find the same", "[threads]") {
  const LargeChunks sample(kShapes[0]);
  std::vector<Ranked> expected;
  const XrLinearModel whole = XrLinearModel::open(sample.path);
  for (std::size_t query = 0; query < sample.queries.size(); ++query)
    expected.push_back(sample.search(whole, query));
  const XrLinearModel model = XrLinearModel::open(sample.path);
  std::vector<Ranked> found(4 * sample.queries.size());
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      for (std::size_t query = 0; query < sample.queries.size(); ++query)
        found[thread * sample.queries.size() + query] = sample.search(model, query);
    });
  for (std::thread& thread : threads)
    thread.join();
  for (std::size_t i = 0; i < found.size(); ++i)
    CHECK(found[i] == expected[i % sample.queries.size()]);
}
