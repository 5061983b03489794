#pragma once
// Drops weights of a finished model: a smaller file and faster answers at a small loss of accuracy, without training.
//
//   const std::vector<LevelChunks> chunks = prune(model, {.threshold = 0.15F}, parallel);
//   write_model(NpzWriter(path), {.levels = chunks, ...});
//
// Drops weights as xmr-train does: those below the threshold, then all but the largest of each ranker, ties to the
// smaller feature. Biases stay. Reads every weight once. Memory: the chunks, and for each thread one chunk as rows.
// Errors: FormatError for a damaged chunk; Interrupted. The result does not depend on the number of threads.

#include <cstdint>
#include <vector>

#include "xmr/model/xr_linear.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

struct PruneOptions {
  float threshold = 0;            // weights with |w| below it are dropped
  std::uint32_t top_weights = 0;  // largest weights kept of each ranker; 0: all
  std::size_t levels = 64;        // number of first levels that are kept, at most all
};

// Returns the chunks of the kept levels.
std::vector<LevelChunks> prune(const XrLinearModel& model, const PruneOptions& options, Parallel& parallel);

// Returns the smallest tried threshold whose chunks take at most `bytes`; they take at least 98 % of it if that is
// possible. Returns 0 if nothing must be dropped. Costs about six calls of prune(). If biases and tables alone take
// more, throws DataError.
float threshold_for_size(const XrLinearModel& model, std::uint64_t bytes, std::uint32_t top_weights,
                         Parallel& parallel);

}  // namespace xmr
