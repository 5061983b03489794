#include "xmr/predict/model_set.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/predict/fused_ranker.hpp"
#include "xmr/util/error.hpp"

namespace xmr {
namespace {

bool are_same(const StringTable& a, const StringTable& b) {
  return a.blob == b.blob && std::ranges::equal(a.offsets, b.offsets);
}

// The request to each of several models.
RankRequest request_of_each(RankRequest request, const Combination& combination) {
  request.k = std::max(request.k, combination.candidates);
  return request;
}

}  // namespace

Fusion Combination::fusion(std::size_t lists, std::uint32_t k) const {
  return method == FusionMethod::weighted && weights ? Fusion(*weights, k) : Fusion(method, lists, k);
}

ModelSet::ModelSet(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    models_.push_back(open_ranking_model(path));
    const RankingModel& model = *models_.back();
    if (model.labels() != labels())
      throw DataError(model.name(),
                      fmt::format("{} labels, but {} has {}", model.labels(), models_.front()->name(), labels()));
    if (!model.names().empty() && !are_same(model.names().keys, names().keys))
      throw DataError(model.name(), "names its labels otherwise than the models before it");
  }
}

const StoredNames& ModelSet::names() const {
  const auto named = std::ranges::find_if(models_, [](const auto& model) { return !model->names().empty(); });
  return named == models_.end() ? models_.front()->names() : (*named)->names();
}

const char* ModelSet::text_columns() const {
  return models_.front()->capabilities().completion != nullptr ? "previous,prefix" : "text";
}

bool ModelSet::searches_tree() const {
  return std::ranges::any_of(models_, [](const auto& model) { return model->capabilities().searches_tree; });
}

std::unique_ptr<Ranker> ModelSet::ranker(const RankRequest& request, const FeatureSpaces& spaces,
                                         const Combination& combination) const {
  if (size() == 1) return models_.front()->ranker(request);
  std::vector<std::unique_ptr<Ranker>> rankers;
  for (const auto& model : models_)
    rankers.push_back(model->ranker(request_of_each(request, combination)));
  return std::make_unique<FusedRanker>(std::move(rankers), spaces, combination.fusion(size(), request.k));
}

Json ModelSet::describe(const RankRequest& request, const Combination& combination) const {
  if (size() == 1) return models_.front()->describe(request);
  Json models = Json::array();
  for (const auto& model : models_)
    models.push_back(model->describe(request_of_each(request, combination)));
  return {{"models", std::move(models)}, {"combine", name_of(combination.method)}, {"k", request.k}};
}

}  // namespace xmr
