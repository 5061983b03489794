#pragma once
// The margin of a retrieval model, fitted on held-out rows and guarded by others:
//
//   built-in   weights that were learnt over several sets (scripts/built_in_weights.py)
//   logistic   weights fitted to held-out rows and shrunk to the built-in ones
//   boosted    the logistic weights, and trees that continue from them
//
// Other held-out rows, the guard, choose. The better of logistic and boosted by the sum of P@1, R@10 and MRR@10 is
// taken if it gains more than one standard error over built-in. If the kind taken then loses P@1, R@10 or MRR@10 to a
// source alone or to the fusion of their ranks by more than two standard errors, the best of these is taken instead.
// The errors are those of the mean difference of rows. Thread rule: pure function; the same margin for any number of
// threads.

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
  std::string kind;           // of the margin
  std::string loses_to = {};  // the part that the fit lost to, which is the margin now; empty: none
  std::size_t fitted_rows = 0, guard_rows = 0;
  std::vector<JudgedKind> judged = {};  // kinds, then parts
};

// The margin for a model without held-out rows.
MarginModel built_in_margin();

// all_sources: built-in weights know of all sources. If one is left out, the fusion of ranks stands in for them, and
// logistic weights are shrunk to 0.
RetrievalFit fit_retrieval(const HeldParts& held, bool all_sources, Parallel& parallel);

}  // namespace xmr
