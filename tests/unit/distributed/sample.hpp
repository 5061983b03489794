#pragma once
// A small problem of three levels, for the tests of jobs/.

#include <string>
#include <vector>

#include "xmr/distributed/train_plan.hpp"
#include "xmr/io/json.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/train/train_record.hpp"
#include "xmr/train/trainer.hpp"

#include "support/temporary_directory.hpp"
#include "unit/train/problems.hpp"

namespace xmr::test {

struct Sample {
  CsrMatrix x = random_rows(200, 60, 8, 1);
  CsrMatrix y = random_labels(x, 40, 2);
  LabelTree tree = LabelTree({{0, 2}, {0, 3, 7}, {0, 20, 21, 21, 25, 30, 38, 40}}, labels());
  TrainOptions options;
  PredictDefaults predict;

  explicit Sample(bool matcher = false) { options.levels.front().negatives.matcher = matcher; }

  static std::vector<LabelId> labels() {
    std::vector<LabelId> labels(40);
    for (LabelId i = 0; i < 40; ++i)
      labels[i] = i * 7 % 40;
    return labels;
  }
  TrainRecipe recipe() const {
    return {.features = x.cols(),
            .labels = 40,
            .levels = 3,
            .x = fingerprint(x),
            .y = fingerprint(y),
            .tree = tree.fingerprint(),
            .vectorizer = "",
            .predict = predict,
            .train = options,
            .options = describe(options)};
  }
  TrainPlan plan(const XrLinearTrainer& trainer, std::uint32_t parts) const {
    return TrainPlan::make(recipe(), x, trainer, parts);
  }
  std::vector<LevelChunks> plain() const {
    Parallel parallel;
    return train_xr_linear(x, y, tree, options, parallel).chunks;
  }
};

inline std::vector<LevelChunks> copied(const ChunkTable& table) {
  std::vector<LevelChunks> levels;
  for (std::size_t level = 0; level < table.depth(); ++level)
    levels.emplace_back(table.level(level).begin(), table.level(level).end());
  return levels;
}

}  // namespace xmr::test
