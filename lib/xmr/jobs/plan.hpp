#pragma once
// Training cut into parts that run anywhere, in any order, as often as need be: on the nodes of a cluster, one after
// another, or after a break. A plan says what is learnt, from what, and which pieces of it each part trains.
//
//   TrainPlan plan = TrainPlan::make(recipe, trainer, 8);   plan.write(NpzWriter("plan.npz"));
//   trainer.train(TrainPlan::read("plan.npz").pieces(trainer, stage, part), matched, ...);
//
// Parts have pieces of a stage (train/trainer.hpp) whose costs are about equal in sum: large ones each for itself, then
// ranges of the others (equal_parts.hpp). Of a stage with matcher-aware negatives, the rows that the beam will bring
// are not known when the plan is made: what counts are those of teacher forcing. Cost: make() looks at the rows of
// every piece. Memory: 4 bytes a piece. Errors: FormatError for a file that is no plan; DataError for one by another
// version of the tools, whose results would differ. Thread rule: const methods from any thread.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/io/json.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/train/trainer.hpp"

namespace xmr {

// What determines a model beside the vectorizer's tables and the names of labels, which a part does not need.
struct TrainRecipe {
  std::uint64_t features = 0;  // of X
  std::uint64_t labels = 0;
  std::uint64_t levels = 0;
  std::string x, y, tree;   // fingerprints
  std::string vectorizer;   // that of X's, as far as it is known
  PredictDefaults predict;  // also how rows are matched
  TrainOptions train;       // without `given`
  // As a model records them: describe(train), and fingerprints of label rows and given negatives.
  JsonValue options;

  nlohmann::ordered_json content() const;
};

class TrainPlan {
 public:
  static constexpr std::uint32_t kMostParts = 1U << 16;

  // parts: 1..kMostParts
  static TrainPlan make(TrainRecipe recipe, CsrView x, const XrLinearTrainer& trainer, std::uint32_t parts);
  static TrainPlan read(const std::string& path);
  void write(NpzWriter out) const;

  const std::string& name() const { return name_; }  // for messages
  const TrainRecipe& recipe() const { return recipe_; }
  const std::string& fingerprint() const { return fingerprint_; }
  std::uint32_t parts() const { return parts_; }
  std::uint32_t stages() const { return static_cast<std::uint32_t>(stages_.size()); }
  LevelRange stage(std::uint32_t stage) const { return stages_[stage]; }

  // Those of a part, or of all, in the order of the tree, from a trainer of the plan's recipe.
  std::vector<Piece> pieces(const XrLinearTrainer& trainer, std::uint32_t stage, std::uint32_t part) const;
  std::vector<Piece> pieces(const XrLinearTrainer& trainer, std::uint32_t stage) const;

 private:
  TrainPlan(TrainRecipe recipe, std::uint32_t parts, std::vector<std::vector<std::uint32_t>> part_of);
  nlohmann::ordered_json content() const;

  std::string name_ = "plan";
  TrainRecipe recipe_;
  std::uint32_t parts_ = 1;
  std::vector<LevelRange> stages_;
  std::vector<std::vector<std::uint32_t>> part_of_;  // of each stage and piece
  std::string fingerprint_;
};

// The first value in which two recipes differ, and how: "options.eps is 0.1 there, 0.2 here"; empty if they are equal.
std::string difference(const TrainRecipe& there, const TrainRecipe& here);

}  // namespace xmr
