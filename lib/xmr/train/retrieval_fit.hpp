#pragma once
// The margin of a retrieval model, fitted on held-out rows and guarded by others:
//
//   boosted    logistic weights, and trees that continue from them
//   logistic   the weights alone
//   built-in   weights that were learnt over several sets (scripts/built_in_weights.py)
//
// Three quarters of the groups of held-out rows are fitted to. The rest, the guard, chooses: a more complex kind is
// taken if its sum of P@1, R@10 and MRR@10 is larger. With fewer than kFewRows rows to fit to, only the built-in kind
// is tried. If the kind taken loses P@1, R@10 or MRR@10 to a source alone or to the fusion of their ranks beyond chance
// (by more than twice the standard error of the mean difference of rows), the best of those is taken instead. Thread
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
  static constexpr std::size_t kFewRows = 200;

  MarginModel margin;
  std::string kind;           // of the margin
  std::string loses_to = {};  // the part that the fit lost to, which is the margin now; empty: none
  std::size_t fitted_rows = 0, guard_rows = 0;
  std::vector<JudgedKind> judged = {};  // kinds, then parts
};

// The margin for a model without held-out rows.
MarginModel built_in_margin();

// all_sources: built-in weights know of all sources; if one is left out, the fusion of ranks stands in for them.
RetrievalFit fit_retrieval(const HeldEvidence& fitted, const HeldEvidence& guard, bool all_sources, Parallel& parallel);

}  // namespace xmr
