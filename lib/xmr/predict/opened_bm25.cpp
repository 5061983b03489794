// BM25 over labels as a RankingModel.

#include <algorithm>

#include "xmr/io/json.hpp"
#include "xmr/lexical/bm25_model.hpp"
#include "xmr/lexical/bm25_search.hpp"
#include "xmr/predict/opened_model.hpp"

namespace xmr {
namespace {

class Bm25Ranker final : public Ranker {
 public:
  Bm25Ranker(const Bm25Model& model, const RankRequest& request)
      : Ranker(model.labels(), request.k),
        search_(model.postings(), request.k, request.allowed),
        answers_(model.labels()) {}

  CsrView rank(std::span<const Query> queries) override {
    answers_.clear();
    for (const Query& query : queries)
      answers_.append_row(search_(query.features));
    return answers_;
  }
  std::size_t query_memory() const override { return std::min<std::uint64_t>(k(), labels()) * sizeof(Posting) + 1; }

 private:
  Bm25Search search_;
  CsrMatrix answers_;
};

class OpenedBm25 final : public OpenedModel<Bm25Model> {
 public:
  using OpenedModel::OpenedModel;

  ModelCapabilities capabilities() const override { return {.needs_counts = true}; }
  std::unique_ptr<Ranker> ranker(const RankRequest& request) const override {
    return std::make_unique<Bm25Ranker>(model(), request);
  }
  Json describe(const RankRequest& request) const override { return {{"model", Bm25Model::kType}, {"k", request.k}}; }
};

}  // namespace

std::unique_ptr<const RankingModel> open_bm25(NpzFile file) {
  return std::make_unique<OpenedBm25>(std::move(file));
}

}  // namespace xmr
