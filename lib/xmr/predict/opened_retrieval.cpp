// A retrieval model as a RankingModel.

#include "xmr/io/json.hpp"
#include "xmr/predict/opened_model.hpp"
#include "xmr/predict/retrieval_model.hpp"
#include "xmr/predict/retriever.hpp"

namespace xmr {
namespace {

class OpenedRetrieval final : public OpenedModel<RetrievalModel> {
 public:
  using OpenedModel::OpenedModel;

  ModelCapabilities capabilities() const override { return {.retrieval = &model()}; }
  std::unique_ptr<Ranker> ranker(const RankRequest& request) const override {
    return std::make_unique<Retriever>(model(), request.k, request.allowed);
  }
  Json describe(const RankRequest& request) const override {
    return {{"model", RetrievalModel::kType}, {"k", request.k}};
  }
};

}  // namespace

std::unique_ptr<const RankingModel> open_retrieval(NpzFile file) {
  return std::make_unique<OpenedRetrieval>(std::move(file));
}

}  // namespace xmr
