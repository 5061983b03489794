#pragma once
// Fewer weights of a finished model: a smaller file and faster answers for a little accuracy, without training again.
//
//   const std::vector<LevelChunks> chunks = prune(model, {.threshold = 0.15F}, parallel);
//   write_model(NpzWriter(path), {.levels = chunks, ...});
//
// Weights are dropped as xmr-train drops them: those below the threshold, then all but the largest of each ranker, ties
// to the smaller feature; biases stay. Cost: reads every weight once; memory: the chunks, and of each thread one chunk
// as rows. Errors: FormatError for a damaged chunk; Interrupted. The result does not depend on the number of threads.

#include <cstdint>
#include <vector>

#include "xmr/model/xr_linear.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

struct PruneOptions {
  float threshold = 0;            // weights with |w| below it are dropped
  std::uint32_t top_weights = 0;  // of each ranker the largest are kept; 0: all
  std::size_t levels = 64;        // the first ones alone are kept; at most as many as there are
};

// Of the levels that are kept.
std::vector<LevelChunks> prune(const XrLinearModel& model, const PruneOptions& options, Parallel& parallel);

// The smallest threshold, among those that the search looks at, whose chunks take at most `bytes`, and at least 98 % of
// them if there is one; 0 if nothing need be dropped. Cost: about six times prune(). DataError if the biases and tables
// alone take more.
float threshold_for_size(const XrLinearModel& model, std::uint64_t bytes, std::uint32_t top_weights,
                         Parallel& parallel);

}  // namespace xmr
