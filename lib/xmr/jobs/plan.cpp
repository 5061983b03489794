#include "xmr/jobs/plan.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/meta_values.hpp"
#include "xmr/jobs/equal_parts.hpp"
#include "xmr/jobs/train_record.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kPlanKind = "plan";
constexpr int kNewestPlan = 1;
constexpr std::uint64_t kMostLevels = 64;

// An entry of a parent that has more than half of the rows takes about twice the time: its weights fit no cache. (On
// debian-depends and debian-search 2.2 times.)
constexpr std::uint64_t kLargeParent = 2;

// Entries that training a piece visits in a pass; a row takes time, too.
std::uint64_t cost_of(const Piece& piece, CsrView x, const XrLinearTrainer& trainer) {
  const std::span<const std::uint32_t> rows = trainer.rows(piece.level, piece.parent);
  std::uint64_t entries = 1;
  for (const std::uint32_t row : rows)
    entries += 1 + x.row(row).size();
  return entries * (piece.last - piece.first) * (rows.size() > x.rows / 2 ? kLargeParent : 1);
}

std::string find_difference(const Json& there, const Json& here, const std::string& place) {
  const auto name_of = [&](const std::string& key) { return place.empty() ? key : fmt::format("{}.{}", place, key); };
  for (const auto& [key, value] : here.items()) {
    const std::string name = name_of(key);
    const auto found = there.find(key);
    if (found == there.end()) return fmt::format("{} is {} here, not there", name, value.dump());
    if (value.is_object() && found->is_object()) {
      if (std::string inner = find_difference(*found, value, name); !inner.empty()) return inner;
    } else if (*found != value) {
      return fmt::format("{} is {} there, {} here", name, found->dump(), value.dump());
    }
  }
  for (const auto& [key, value] : there.items())
    if (!here.contains(key)) return fmt::format("{} is {} there, not here", name_of(key), value.dump());
  return {};
}

}  // namespace

Json TrainRecipe::content() const {
  return {{"type", XrLinearModel::kType},
          {"features", features},
          {"labels", labels},
          {"levels", levels},
          {"weight_type", weight_type_name(train.of(0).keep.type)},
          {"fingerprints", {{"x", x}, {"y", y}, {"tree", tree}, {"vectorizer", vectorizer}}},
          {"predict", describe(predict)},
          {"options", options}};
}

std::string difference(const TrainRecipe& there, const TrainRecipe& here) {
  return find_difference(there.content(), here.content(), "");
}

TrainPlan::TrainPlan(TrainRecipe recipe, std::uint32_t parts, std::vector<std::uint64_t> cuts)
    : recipe_(std::move(recipe)),
      parts_(parts),
      stages_(stages_of(recipe_.train, recipe_.levels)),
      cuts_(std::move(cuts)) {
  fingerprint_ = Fingerprint().add(content().dump()).add(version()).add(std::span<const std::uint64_t>(cuts_)).hex();
}

TrainPlan TrainPlan::make(TrainRecipe recipe, CsrView x, const XrLinearTrainer& trainer, std::uint32_t parts) {
  std::vector<std::uint64_t> cuts;
  for (const LevelRange& stage : stages_of(recipe.train, recipe.levels)) {
    std::vector<std::uint64_t> costs;
    for (const Piece& piece : trainer.pieces(stage))
      costs.push_back(cost_of(piece, x, trainer));
    const std::vector<std::uint64_t> of_stage = cut_evenly(costs, parts);
    cuts.insert(cuts.end(), of_stage.begin(), of_stage.end());
  }
  return {std::move(recipe), parts, std::move(cuts)};
}

Json TrainPlan::content() const {
  Json content = recipe_.content();
  content["parts"] = parts_;
  content["stages"] = stages_.size();
  return content;
}

void TrainPlan::write(NpzWriter out) const {
  const std::uint64_t shape[] = {stages_.size(), std::uint64_t{parts_} + 1};
  out.add("cuts", DType::u8, shape,
          {reinterpret_cast<const char*>(cuts_.data()), cuts_.size() * sizeof(std::uint64_t)});
  out.commit({std::string(kPlanKind), kNewestPlan, content()});
}

TrainPlan TrainPlan::read(const std::string& path) {
  const NpzFile file(path);
  file.require_kind(kPlanKind, kNewestPlan);
  require_this_version(file);
  const Json& from = file.meta().content;
  TrainRecipe recipe;
  recipe.features = meta_count(file, from, "features", kNoFeature);
  recipe.labels = meta_count(file, from, "labels", kMaxColumns);
  recipe.levels = meta_count(file, from, "levels", kMostLevels);
  if (recipe.levels == 0) throw FormatError(file.name(), "meta.json: a model has at least 1 level");
  const Json fingerprints = meta_value<Json>(file, from, "fingerprints");
  recipe.x = meta_value<std::string>(file, fingerprints, "x");
  recipe.y = meta_value<std::string>(file, fingerprints, "y");
  recipe.tree = meta_value<std::string>(file, fingerprints, "tree");
  recipe.vectorizer = meta_value<std::string>(file, fingerprints, "vectorizer");
  recipe.predict = read_defaults(file, meta_value<Json>(file, from, "predict"), recipe.levels);
  recipe.train = read_train_options(file, from, recipe.levels);
  recipe.options = meta_value<Json>(file, from, "options");
  const auto parts = static_cast<std::uint32_t>(meta_count(file, from, "parts", kMostParts));
  const NpyArray cuts = file.get("cuts");
  const std::vector<std::uint64_t> expected = {stages_of(recipe.train, recipe.levels).size(), std::uint64_t{parts} + 1};
  if (parts == 0 || cuts.shape != expected)
    throw FormatError(cuts.name, fmt::format("must have {} rows of {} items", expected[0], expected[1]));
  const auto values = cuts.as<std::uint64_t>();
  for (std::size_t i = 0; i < values.size(); ++i)
    if (i % expected[1] == 0 ? values[i] != 0 : values[i] < values[i - 1])
      throw FormatError(cuts.name, fmt::format("item {}: parts do not follow each other", i));
  TrainPlan plan(std::move(recipe), parts, {values.begin(), values.end()});
  plan.name_ = file.name();
  return plan;
}

std::vector<Piece> TrainPlan::pieces(const XrLinearTrainer& trainer, std::uint32_t stage) const {
  std::vector<Piece> pieces = trainer.pieces(stages_[stage]);
  if (pieces.size() != cuts_[std::size_t{stage} * (parts_ + 1) + parts_])
    throw DataError(name_, fmt::format("stage {} has other pieces than the data", stage));
  return pieces;
}

std::vector<Piece> TrainPlan::pieces(const XrLinearTrainer& trainer, std::uint32_t stage, std::uint32_t part) const {
  const std::vector<Piece> all = pieces(trainer, stage);
  const auto cut = [&](std::uint32_t n) {
    return all.begin() + static_cast<std::ptrdiff_t>(cuts_[std::size_t{stage} * (parts_ + 1) + n]);
  };
  return {cut(part), cut(part + 1)};
}

}  // namespace xmr
