#pragma once
// Fuses the answers of several models to the same queries (combine/fusion.hpp). The answers equal `xmr-predict fuse` on
// the predictions of each model.
//
//   FusedRanker ranker(std::move(rankers), spaces, Fusion(FusionMethod::rrf, 2, 10));
//
// Each ranker returns its own k answers, more than the fused k: a label that is low in one list may be high in another.
// Cost: the rankers and the fusion of their answers. Thread rule: one object a thread.

#include <memory>
#include <vector>

#include "xmr/combine/fusion.hpp"
#include "xmr/predict/feature_spaces.hpp"
#include "xmr/predict/ranker.hpp"

namespace xmr {

class FusedRanker final : public Ranker {
 public:
  // `spaces` has a space for each ranker. All rank the same labels (asserted). Unless `fusion` has as many lists,
  // throws ConfigError.
  FusedRanker(std::vector<std::unique_ptr<Ranker>> rankers, const FeatureSpaces& spaces, Fusion fusion);

  CsrView rank(std::span<const Query> queries) override;
  std::size_t query_memory() const override;

 private:
  // The features of one space.
  struct Space {
    FeatureId first;
    std::uint64_t size;
    std::vector<FeatureId> indices = {};  // of all queries, counted from `first`
    std::vector<Query> queries = {};
  };
  static void cut(std::span<const Query> queries, Space& space);

  std::vector<std::unique_ptr<Ranker>> rankers_;
  std::vector<std::size_t> space_of_;
  std::vector<Space> spaces_;
  Fusion fusion_;
  std::vector<CsrView> answers_;  // [ranker]
  std::vector<SparseRow> lists_;
  CsrMatrix fused_;
};

}  // namespace xmr
