#pragma once
// The margin of a retrieval model, fitted on held-out rows and guarded by others:
//
//   built-in   weights that were learnt over several sets (scripts/built_in_weights.py)
//   logistic   weights fitted to held-out rows and shrunk to the built-in ones
//   boosted    the logistic weights, and trees that continue from them, by the softmax of a row's candidates
//   boosted by label   as boosted, by the logistic loss of each candidate, if rows have more than 1.5 labels
//
// The guard chooses: held-out rows that a kind was not fitted to. The best of the fitted kinds by the sum of P@1,
// R@10 and MRR@10 is taken if it gains more than one standard error over built-in. Then the ranks of a part (a source
// alone, or the fusion of all) are added with a weight of their own, if this gains more than two standard errors; a
// large weight ranks as the part does. The standard errors are of the mean difference of rows.
//
// Held-out rows are in kSlices slices. One slice is the guard, the next one stops the boosting, the kinds are fitted to
// the others. If there are at most kFewRows rows, each slice is the guard in turn, so that all rows judge. The kind
// taken is fitted again to all slices but one, which stops the boosting. Memory: twice that of the evidence. Thread
// rule: pure function; the same margin for any number of threads.

#include <string>
#include <vector>

#include "xmr/boost/margin_model.hpp"
#include "xmr/train/held_evidence.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

// The ranking of a kind or of a part, on the guard.
struct JudgedKind {
  std::string name;
  RowMetrics guard{};  // means over the rows
};

struct RetrievalFit {
  MarginModel margin;
  std::string kind;        // of the margin
  std::string added = {};  // the part whose ranks have a weight of their own; empty: none
  std::size_t guard_rows = 0;
  std::vector<JudgedKind> judged = {};  // kinds, then parts
};

// The margin for a model without held-out rows.
MarginModel built_in_margin();

// all_sources: built-in weights know of all sources. If one is left out, the fusion of ranks stands in for them, and
// logistic weights are shrunk to 0.
RetrievalFit fit_retrieval(const HeldEvidence& held, bool all_sources, Parallel& parallel);

}  // namespace xmr
