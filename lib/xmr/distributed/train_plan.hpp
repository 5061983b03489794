#pragma once
// The plan of training in parts. The parts run on the nodes of a cluster or one after another, in any order, any number
// of times. A plan holds the recipe, and the part of each piece of work.
//
//   TrainPlan plan = TrainPlan::make(recipe, x, trainer, 8);   plan.write(NpzWriter("plan.npz"));
//   trainer.train(TrainPlan::read("plan.npz").pieces(trainer, stage, part), matched, ...);
//
// The pieces of a stage (train/trainer.hpp) are shared so that the parts have about equal costs (train/cost_model.hpp,
// equal_parts.hpp). If a stage has matcher-aware negatives, the costs count the rows of teacher forcing, because the
// rows of the beam are unknown. Cost: make() visits the rows of every piece. Memory: 4 bytes a piece. Errors:
// FormatError if a file is no plan; DataError if another version of the tools wrote it. Thread rule: const methods from
// any thread.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xmr/io/json.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/train/train_recipe.hpp"
#include "xmr/train/trainer.hpp"

namespace xmr {

class TrainPlan {
 public:
  static constexpr std::uint32_t kMaxParts = 1U << 16;

  // parts: 1..kMaxParts
  static TrainPlan make(TrainRecipe recipe, CsrView x, const XrLinearTrainer& trainer, std::uint32_t parts);
  static TrainPlan read(const std::string& path);
  void write(NpzWriter out) const;

  const std::string& name() const { return name_; }  // for messages
  const TrainRecipe& recipe() const { return recipe_; }
  const std::string& fingerprint() const { return fingerprint_; }
  std::uint32_t parts() const { return parts_; }
  std::uint32_t stages() const { return static_cast<std::uint32_t>(stages_.size()); }
  LevelRange stage(std::uint32_t stage) const { return stages_[stage]; }

  // The pieces of one part, or of all parts, in the order of the tree. The trainer must be made from the recipe.
  std::vector<Piece> pieces(const XrLinearTrainer& trainer, std::uint32_t stage, std::uint32_t part) const;
  std::vector<Piece> pieces(const XrLinearTrainer& trainer, std::uint32_t stage) const;

 private:
  TrainPlan(TrainRecipe recipe, std::uint32_t parts, std::vector<std::vector<std::uint32_t>> part_of);
  Json content() const;

  std::string name_ = "plan";
  TrainRecipe recipe_;
  std::uint32_t parts_ = 1;
  std::vector<LevelRange> stages_;
  std::vector<std::vector<std::uint32_t>> part_of_;  // [stage][piece]
  std::string fingerprint_;
};

}  // namespace xmr
