#include "xmr/model/prune.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/plain_model.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

struct PruneSample {
  static constexpr std::uint32_t kFeatures = 40;
  TemporaryDirectory dir;
  PlainModel plain;

  explicit PruneSample(std::uint64_t seed) {
    Random random(seed);
    plain = random_model(random, kFeatures);
    plain.write(dir / "model.npz");
  }
  XrLinearModel model() const { return XrLinearModel::open(dir / "model.npz"); }

  // The chunks of the plain model, whose weights were changed meanwhile.
  std::vector<LevelChunks> expected() const {
    plain.write(dir / "expected.npz");
    const XrLinearModel model = XrLinearModel::open(dir / "expected.npz");
    Parallel one(1);
    return prune(model, {}, one);
  }
};

std::uint64_t size_of(const std::vector<LevelChunks>& levels) {
  std::uint64_t size = 0;
  for (const LevelChunks& level : levels)
    for (const std::string& chunk : level)
      size += chunk.size();
  return size;
}

}  // namespace

TEST_CASE("pruning keeps the weights that reach the threshold, and the largest of each ranker") {
  PruneSample sample(GENERATE(1U, 2U, 3U, 4U, 5U));
  const PruneOptions options{GENERATE(0.0F, 0.5F, 100.0F), GENERATE(0U, 1U, 3U)};
  Parallel parallel(GENERATE(1U, 3U));
  const std::vector<LevelChunks> pruned = prune(sample.model(), options, parallel);
  for (auto& level : sample.plain.weights)
    for (std::vector<float>& node : level) {
      std::vector<std::pair<float, std::uint32_t>> order;
      for (std::uint32_t feature = 0; feature < PruneSample::kFeatures; ++feature) {
        if (std::fabs(node[feature]) < options.threshold) node[feature] = 0;
        if (node[feature] != 0) order.emplace_back(-std::fabs(node[feature]), feature);
      }
      std::ranges::sort(order);
      for (std::size_t n = options.top_weights; options.top_weights > 0 && n < order.size(); ++n)
        node[order[n].second] = 0;
    }
  CHECK(pruned == sample.expected());
}

TEST_CASE("a threshold is found for a size") {
  const PruneSample sample(GENERATE(1U, 2U, 3U, 4U, 5U));
  const XrLinearModel model = sample.model();
  Parallel parallel(2);
  const std::uint64_t whole = size_of(prune(model, {}, parallel));
  const std::uint64_t nothing = size_of(prune(model, {.threshold = 1e9F}, parallel));
  CHECK(threshold_for_size(model, whole, 0, parallel) == 0);
  CHECK_THROWS_AS(threshold_for_size(model, nothing - 1, 0, parallel), DataError);
  for (std::uint64_t bytes = nothing; bytes < whole; bytes += kChunkAlignment) {
    const float threshold = threshold_for_size(model, bytes, 0, parallel);
    const std::uint64_t size = size_of(prune(model, {.threshold = threshold}, parallel));
    CHECK(size <= bytes);
    // A lower threshold, by a step of what the search tells apart, would have been too low, or not worth it.
    const std::uint64_t more = size_of(prune(model, {.threshold = threshold * 0.98F}, parallel));
    CHECK((more > bytes || static_cast<double>(size) >= 0.98 * static_cast<double>(bytes)));
  }
}
