#pragma once
// Several models' answers to the same queries as one ranking (combine/fusion.hpp). The answers are those of
// `xmr-predict fuse` on the predictions of each model alone.
//
//   FusedRanker ranker(std::move(rankers), spaces, Fusion(FusionMethod::rrf, 2, 10));
//
// Each ranker is asked for its own k answers: more than are wanted in the end, for a label that is low in one list may
// be high in another. Cost: that of the rankers, and the fusion of their answers. Thread rule: one object a thread.

#include <memory>
#include <vector>

#include "xmr/combine/fusion.hpp"
#include "xmr/predict/feature_spaces.hpp"
#include "xmr/predict/ranker.hpp"

namespace xmr {

class FusedRanker final : public Ranker {
 public:
  // A space for each ranker; all rank the same labels (asserted). ConfigError unless `fusion` is of as many lists.
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
  std::vector<CsrView> answers_;  // of each ranker
  std::vector<SparseRow> lists_;
  CsrMatrix fused_;
};

}  // namespace xmr
