#include "xmr/distributed/train_plan.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "xmr/distributed/equal_parts.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/meta_values.hpp"
#include "xmr/train/cost_model.hpp"
#include "xmr/train/train_record.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {
namespace {

constexpr std::string_view kPlanKind = "plan";
constexpr int kNewestPlan = 2;
constexpr int kOldestPlan = 2;  // no release wrote version 1, whose parts are ranges
constexpr std::uint64_t kMaxLevels = 64;

}  // namespace

TrainPlan::TrainPlan(TrainRecipe recipe, std::uint32_t parts, std::vector<std::vector<std::uint32_t>> part_of)
    : recipe_(std::move(recipe)),
      parts_(parts),
      stages_(stages_of(recipe_.train, recipe_.levels)),
      part_of_(std::move(part_of)) {
  Fingerprint fingerprint;
  fingerprint.add(content().dump()).add(version());
  for (const std::vector<std::uint32_t>& of_stage : part_of_)
    fingerprint.add(std::span<const std::uint32_t>(of_stage));
  fingerprint_ = fingerprint.hex();
}

TrainPlan TrainPlan::make(TrainRecipe recipe, CsrView x, const XrLinearTrainer& trainer, std::uint32_t parts) {
  std::vector<std::vector<std::uint32_t>> part_of;
  for (const LevelRange& stage : stages_of(recipe.train, recipe.levels)) {
    std::vector<std::uint64_t> costs;
    for (const Piece& piece : trainer.pieces(stage))
      costs.push_back(solve_cost(x, trainer.rows(piece.level, piece.parent), piece.last - piece.first));
    part_of.push_back(share_evenly(costs, parts));
  }
  return {std::move(recipe), parts, std::move(part_of)};
}

Json TrainPlan::content() const {
  Json content = recipe_.content();
  content["parts"] = parts_;
  content["stages"] = stages_.size();
  return content;
}

void TrainPlan::write(NpzWriter out) const {
  for (std::size_t stage = 0; stage < part_of_.size(); ++stage)
    out.add(fmt::format("parts-{}", stage), part_of_[stage]);
  out.commit({std::string(kPlanKind), kNewestPlan, content()});
}

TrainPlan TrainPlan::read(const std::string& path) {
  const NpzFile file(path);
  file.require_kind(kPlanKind, kNewestPlan);
  if (file.meta().format_version < kOldestPlan)
    throw FormatError(file.name(), "was written by an older version", "plan again");
  require_this_version(file);
  const Json& from = file.meta().content;
  TrainRecipe recipe;
  recipe.features = meta_count(file, from, "features", kNoFeature);
  recipe.labels = meta_count(file, from, "labels", kMaxColumns);
  recipe.levels = meta_count(file, from, "levels", kMaxLevels);
  if (recipe.levels == 0) throw FormatError(file.name(), "meta.json: a model has at least 1 level");
  const Json fingerprints = meta_value<Json>(file, from, "fingerprints");
  recipe.x = meta_value<std::string>(file, fingerprints, "x");
  recipe.y = meta_value<std::string>(file, fingerprints, "y");
  recipe.tree = meta_value<std::string>(file, fingerprints, "tree");
  recipe.vectorizer = meta_value<std::string>(file, fingerprints, "vectorizer");
  recipe.predict = read_defaults(file, meta_value<Json>(file, from, "predict"), recipe.levels);
  recipe.train = read_train_options(file, from, recipe.levels);
  recipe.options = meta_value<Json>(file, from, "options");
  const auto parts = static_cast<std::uint32_t>(meta_count(file, from, "parts", kMaxParts));
  if (parts == 0) throw FormatError(file.name(), "meta.json: a plan has a part at least");
  std::vector<std::vector<std::uint32_t>> part_of;
  for (std::size_t stage = 0; stage < stages_of(recipe.train, recipe.levels).size(); ++stage) {
    const std::string member = fmt::format("parts-{}", stage);
    file.check(member);
    const auto values = file.array<std::uint32_t>(member);
    for (std::size_t piece = 0; piece < values.size(); ++piece)
      if (values[piece] >= parts)
        throw FormatError(fmt::format("{}: {}", file.name(), member),
                          fmt::format("item {}: part {} is outside 0..{}", piece, values[piece], parts - 1));
    part_of.emplace_back(values.begin(), values.end());
  }
  TrainPlan plan(std::move(recipe), parts, std::move(part_of));
  plan.name_ = file.name();
  return plan;
}

std::vector<Piece> TrainPlan::pieces(const XrLinearTrainer& trainer, std::uint32_t stage) const {
  std::vector<Piece> pieces = trainer.pieces(stages_[stage]);
  if (pieces.size() != part_of_[stage].size())
    throw DataError(name_, fmt::format("stage {} has other pieces than the data", stage));
  return pieces;
}

std::vector<Piece> TrainPlan::pieces(const XrLinearTrainer& trainer, std::uint32_t stage, std::uint32_t part) const {
  const std::vector<Piece> all = pieces(trainer, stage);
  std::vector<Piece> pieces;
  for (std::size_t piece = 0; piece < all.size(); ++piece)
    if (part_of_[stage][piece] == part) pieces.push_back(all[piece]);
  return pieces;
}

}  // namespace xmr
