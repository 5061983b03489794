#pragma once
// XR-Linear models of PECOS: a folder with ranker/param.json and, for each level from the top, ranker/<t>.model/ with
// param.json, W.npz (features and a row for the bias × nodes) and C.npz (nodes × nodes of the level above).
//
//   const PecosModel read = read_pecos_model("model", parallel);
//   write_model(NpzWriter(path), {.tree = read.tree, .levels = read.levels, ...});
//
// Weights stay as they are, in 32 bits, and so do the order of children, by which equal scores are ranked, the
// post-processor and the beams (only_topk of the levels above the labels). Labels that were pruned away have no place
// in the tree. Refused: memory-mapped models, whose files hold raw arrays of one machine; levels with different
// post-processors. Whether a post-processor is known is up to the caller (predict/post_processor.hpp).
// Errors: IoError, FormatError or DataError with the file. Memory: the matrices of a level beside the result.

#include <cstdint>
#include <string>
#include <vector>

#include "xmr/io/json.hpp"
#include "xmr/model/xr_linear.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

struct PecosModel {
  LabelTree tree;
  std::uint64_t features = 0;
  std::vector<LevelChunks> levels;
  PredictDefaults defaults;
  JsonValue options;  // what was read, for the record in meta.json
};

PecosModel read_pecos_model(const std::string& folder, Parallel& parallel);

}  // namespace xmr
