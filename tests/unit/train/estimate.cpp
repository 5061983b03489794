#include "xmr/train/estimate.hpp"

#include "problems.hpp"
#include "support/catch.hpp"

using namespace xmr;
using namespace xmr::test;

TEST_CASE("estimates of training grow with what they are told by") {
  const CsrMatrix x = random_rows(600, 150, 10, 1), y = random_labels(x, 6, 2);
  const LabelTree tree({{0, 2}, {0, 3, 6}}, {0, 1, 2, 3, 4, 5});
  Parallel one(1), two(2);
  TrainOptions options;
  const TrainEstimate plain = estimate_training(x, y, tree, options, one, 0);
  CHECK(plain.memory_bytes > 8 * (x.view().nnz() + y.view().nnz()) + plain.model_bytes);
  CHECK(plain.model_bytes > 0);
  SECTION("two threads take half the time and more memory") {
    const TrainEstimate parallel = estimate_training(x, y, tree, options, two, 0);
    CHECK(parallel.seconds == Approx(plain.seconds / 2));
    CHECK(parallel.memory_bytes > plain.memory_bytes);
    CHECK(parallel.model_bytes == plain.model_bytes);
  }
  SECTION("a sample of all problems gives the size of the model") {
    std::uint64_t bytes = 4 * std::uint64_t{tree.label_count()};
    for (const LevelChunks& level : train_xr_linear(x, y, tree, options, two).chunks)
      for (const std::string& chunk : level)
        bytes += chunk.size();
    const TrainEstimate sampled = estimate_training(x, y, tree, options, two, 60);
    CHECK(sampled.model_bytes <= bytes);
    CHECK(sampled.model_bytes + tree.depth() >= bytes);
    CHECK(sampled.seconds > 0);
    options.levels.front().negatives.matcher = true;
    CHECK(estimate_training(x, y, tree, options, two, 60).seconds > 0);
  }
  SECTION("weights of 32 bits are larger") {
    options.levels.front().keep.type = WeightType::f4;
    CHECK(estimate_training(x, y, tree, options, one, 0).model_bytes > plain.model_bytes);
  }
  SECTION("the matcher takes time at the levels that have it") {
    options.levels.front().negatives.matcher = true;
    CHECK(estimate_training(x, y, tree, options, one, 0).seconds > 1.5 * plain.seconds);
  }
}
