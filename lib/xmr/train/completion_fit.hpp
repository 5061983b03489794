#pragma once
// Weights of the evidence for completions (complete/evidence.hpp), fitted on rows that the model's counts and rankers
// have not seen: a conditional logit (McFadden, 1974), which chooses one of a request's candidates,
//
//   p(c | request) = exp(w_cell · x_c) / Σ_c' exp(w_cell · x_c'),   w_cell = shared + of its length + of known/unknown
//
// minus the sum of ln p(next) plus a ridge on the evidence, each scaled to variance 1; Newton's method with halved
// steps. Rows whose next query is no candidate say nothing and are left out. Typically under 10 steps.
// The same weights for any number of threads. Memory: 128 bytes a candidate, of which a row has up to 80; sums of 8.4
// KB a cell for each block of 256 rows. Errors: DataError if no row has its next query among the candidates;
// Interrupted.

#include <span>
#include <string_view>
#include <vector>

#include "xmr/predict/completion_model.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

struct CompletionRow {
  std::string_view previous, prefix, next;
};

struct CompletionFit {
  std::vector<double> weights;  // cells × evidence
  std::size_t rows = 0;         // that were used
  double mean_loss = 0;         // -ln p(next), of those
};

CompletionFit fit_completion(const CompletionModel& model, std::span<const CompletionRow> rows, Parallel& parallel);

}  // namespace xmr
