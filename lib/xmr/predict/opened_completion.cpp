// A completion model as a RankingModel.

#include <nlohmann/json.hpp>

#include "xmr/predict/completer.hpp"
#include "xmr/predict/completion_model.hpp"
#include "xmr/predict/opened_model.hpp"

namespace xmr {
namespace {

class OpenedCompletion final : public OpenedModel<CompletionModel> {
 public:
  using OpenedModel::OpenedModel;

  ModelCapabilities capabilities() const override { return {.completion = &model()}; }
  std::unique_ptr<Ranker> ranker(const RankRequest& request) const override {
    return std::make_unique<Completer>(model(), request.k, request.completion);
  }
  nlohmann::ordered_json describe(const RankRequest& request) const override {
    return {{"model", CompletionModel::kType},
            {"source", name_of(request.completion.source)},
            {"typos", request.completion.mends_typos ? 1 : 0},
            {"unseen", request.completion.makes_queries},
            {"k", request.k}};
  }
};

}  // namespace

std::unique_ptr<const RankingModel> open_completion(NpzFile file) {
  return std::make_unique<OpenedCompletion>(std::move(file));
}

}  // namespace xmr
