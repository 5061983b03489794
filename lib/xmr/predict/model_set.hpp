#pragma once
// The models that answer together: one, or several whose rankings are fused.
//
//   const ModelSet models({"linear.npz", "bm25.npz"});
//   QueryReader reader(models, ...);                            // reads the features of all models
//   const auto ranker = models.ranker({.k = 10}, reader.spaces(), Combination{...});   // one a thread
//
// Models of one set rank the same labels. Errors: those of open_ranking_model(); DataError for models of different
// numbers of labels, or other names. Thread rule: const methods from any thread.

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

// How several rankings become one.
struct Combination {
  FusionMethod method = FusionMethod::rrf;
  std::optional<FusionWeights> weights = {};  // of the method weighted
  std::uint32_t candidates = 100;             // answers of each model, or k if that is more

  // ConfigError for k 0.
  Fusion fusion(std::size_t lists, std::uint32_t k) const;
};

class ModelSet {
 public:
  // At least one path.
  explicit ModelSet(const std::vector<std::string>& paths);
  // A set of one.
  explicit ModelSet(std::unique_ptr<const RankingModel> model) { models_.push_back(std::move(model)); }

  std::size_t size() const { return models_.size(); }
  const RankingModel& operator[](std::size_t i) const { return *models_[i]; }
  std::uint64_t labels() const { return models_.front()->labels(); }
  // Of the first model that has names; empty if none has.
  const StoredNames& names() const;
  // The columns of a line of text by default: "text", or "previous,prefix" if the model completes.
  const char* text_columns() const;
  // Returns true if any model searches a tree.
  bool searches_tree() const;

  // Answers are those of the model if it is alone. `spaces` says where in a query the features of each model are. The
  // set must outlive the ranker.
  std::unique_ptr<Ranker> ranker(const RankRequest& request, const FeatureSpaces& spaces,
                                 const Combination& combination) const;
  // What determines the answers, for the meta.json of predictions.
  nlohmann::ordered_json describe(const RankRequest& request, const Combination& combination) const;

 private:
  std::vector<std::unique_ptr<const RankingModel>> models_;
};

}  // namespace xmr
