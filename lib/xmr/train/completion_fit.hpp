#pragma once
// Fits the weights of the evidence for completions (complete/evidence.hpp). The rows must be unknown to the model's
// counts and rankers. A row with earlier queries counts a second time without them. A row whose next query has
// several words counts as two more requests of weight 0.6, which begin with another word (complete/word_orders.hpp);
// every second row has no earlier queries there. The model is a conditional logit (McFadden, 1974), which chooses one
// of a request's candidates:
//
//   p(c | request) = exp(w_cell · x_c) / Σ_c' exp(w_cell · x_c')
//   w_cell = shared + of its length + of known/unknown + of begun/not begun + of with/without earlier queries
//
// The objective is −Σ ln p(next) plus a ridge on the evidence, scaled to variance 1. Damped steps of Newton minimise it
// (util/damped_newton.hpp); the Hessian is summed in 32 bits. Rows whose next query is no candidate are left out. The
// weights do not depend on the number of threads. Memory: 312 bytes a candidate, up to 200 candidates a request, and
// 100 MB of sums. Errors: DataError if no row has its next query among the candidates; Interrupted.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "xmr/predict/completion_model.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

struct CompletionRow {
  std::string_view previous, prefix, next;
  std::array<std::string_view, kMaxEarlier> earlier = {};  // the queries before `previous`, the latest first
  std::optional<std::int64_t> time = {};                   // of `next`, seconds since 1970
};

struct CompletionFit {
  std::vector<double> weights;  // (cells x evidence)
  std::size_t rows = 0;         // with their next query among the candidates
  double mean_loss = 0;         // the mean of -ln p(next) over these rows
};

CompletionFit fit_completion(const CompletionModel& model, std::span<const CompletionRow> rows, Parallel& parallel);

}  // namespace xmr
