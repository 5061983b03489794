#pragma once
// The models of a prediction: one, or several whose rankings are fused.
//
//   const ModelSet models({"linear.npz", "bm25.npz"});
//   QueryReader reader(models, ...);                            // reads the features of all models
//   const auto ranker = models.ranker({.k = 10}, reader.spaces(), Combination{...});   // one a thread
//
// The models of a set rank the same labels. Errors: as open_ranking_model(); DataError if the numbers or the names of
// labels differ. Thread rule: const methods from any thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "xmr/combine/fusion.hpp"
#include "xmr/io/json.hpp"
#include "xmr/predict/feature_spaces.hpp"
#include "xmr/predict/ranking_model.hpp"

namespace xmr {

// The fusion of several rankings.
struct Combination {
  FusionMethod method = FusionMethod::rrf;
  std::optional<FusionWeights> weights = {};  // for FusionMethod::weighted
  std::uint32_t candidates = 100;             // answers of each model, at least k

  // If k is 0, throws ConfigError.
  Fusion fusion(std::size_t lists, std::uint32_t k) const;
};

class ModelSet {
 public:
  // Opens at least one path.
  explicit ModelSet(const std::vector<std::string>& paths);
  // A set of one model.
  explicit ModelSet(std::unique_ptr<const RankingModel> model) { models_.push_back(std::move(model)); }

  std::size_t size() const { return models_.size(); }
  const RankingModel& operator[](std::size_t i) const { return *models_[i]; }
  std::uint64_t labels() const { return models_.front()->labels(); }
  // The names of the first model with names. Empty: no model has names.
  const StoredNames& names() const;
  // The columns of a line of text by default: "text", or "previous,prefix" if the model completes.
  const char* text_columns() const;
  // Returns true if any model searches a tree.
  bool searches_tree() const;

  // Returns the ranker of the model, or of the fusion of several. `spaces`: the places of the models' features in a
  // query. The set must outlive the ranker.
  std::unique_ptr<Ranker> ranker(const RankRequest& request, const FeatureSpaces& spaces,
                                 const Combination& combination) const;
  // Returns the settings that determine the answers, for the meta.json of predictions.
  Json describe(const RankRequest& request, const Combination& combination) const;

 private:
  std::vector<std::unique_ptr<const RankingModel>> models_;
};

}  // namespace xmr
