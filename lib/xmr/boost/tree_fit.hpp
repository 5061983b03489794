#pragma once
// Fits boosted trees (boosted_trees.hpp) to evidence: each tree lowers the loss of the margins so far (slopes.hpp).
//
//   TreeFit fit = fit_trees(data, &validation, {}, parallel);    // fit.trees goes into a MarginModel
//
// The softmax objective ranks better than the logistic one: P@1 79.5 to 76.7, R@10 89.5 to 88.4, MRR@10 83.2 to 81.1 on
// 4,102 held-out queries of debian-search. Its margins rank the candidates of a query and are no log-odds, which they
// become by query_calibration.hpp.
//
// Without starts the logistic objective begins with a tree of one leaf, the log-odds of a relevant candidate. With a
// validation part (other queries, the same columns) the fit keeps the number of trees with the lowest validation loss,
// and ends after `patience` trees that did not lower it.
//
// The bounds of the defaults are needed: only about 3 candidates of 1,000 are relevant. Without the L2 term and the
// least size of a leaf the margins diverge.
//
// Memory: 1 byte a number, 32 bytes a candidate. Errors: as check(LabelledEvidence); ConfigError for options out of
// range. Thread rule: pure function. The same trees for any number of threads.

#include <cstdint>
#include <vector>

#include "xmr/boost/boosted_trees.hpp"
#include "xmr/boost/evidence_view.hpp"
#include "xmr/boost/slopes.hpp"
#include "xmr/boost/tree_grower.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

struct TreeOptions {
  Objective objective = Objective::softmax;
  std::uint32_t trees = 150;    // 0..kMaxTrees
  std::uint32_t patience = 20;  // ≥ 1
  std::size_t bins = kMaxBins;  // of a column, 2..kMaxBins
  TreeLimits limits = {};

  static constexpr std::uint32_t kMaxTrees = 10'000;
};

struct TreeFit {
  BoostedTrees trees;
  double validation_loss = 0;  // mean; 0 without validation part
};

TreeFit fit_trees(const LabelledEvidence& data, const LabelledEvidence* validation, const TreeOptions& options,
                  Parallel& parallel);

}  // namespace xmr
