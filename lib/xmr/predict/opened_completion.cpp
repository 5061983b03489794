// A completion model as a RankingModel.

#include "xmr/io/json.hpp"
#include "xmr/predict/completer.hpp"
#include "xmr/predict/completion_model.hpp"
#include "xmr/predict/opened_model.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {
namespace {

class OpenedCompletion final : public OpenedModel<CompletionModel> {
 public:
  using OpenedModel::OpenedModel;

  ModelCapabilities capabilities() const override { return {.completion = &model()}; }
  std::unique_ptr<Ranker> ranker(const RankRequest& request) const override {
    return std::make_unique<Completer>(model(), request.k, request.completion, request.allowed);
  }
  Json describe(const RankRequest& request) const override {
    Json made_by = {{"model", CompletionModel::kType},
                    {"source", name_of(request.completion.source)},
                    {"typos", request.completion.mends_typos ? 1 : 0},
                    {"unseen", request.completion.makes_queries},
                    {"k", request.k}};
    if (request.completion.shows_distinct) made_by["distinct"] = true;
    if (!request.completion.categories.empty()) made_by["categories"] = request.completion.categories;
    for (const CategoryBoost& boost : request.completion.boosts)
      made_by["boosts"].push_back({{"category", boost.category}, {"factor", boost.factor}});
    if (request.completion.blocked != nullptr) {
      Fingerprint print;
      for (const std::string& phrase : request.completion.blocked->words.phrases())
        print.add(phrase);
      made_by["blocked"] = print.hex();
    }
    return made_by;
  }
};

}  // namespace

std::unique_ptr<const RankingModel> open_completion(NpzFile file) {
  return std::make_unique<OpenedCompletion>(std::move(file));
}

}  // namespace xmr
