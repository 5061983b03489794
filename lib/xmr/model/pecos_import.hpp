#pragma once
// Reads XR-Linear models of PECOS: a folder with ranker/param.json and, for each level from the top, ranker/<t>.model/
// with param.json, W.npz (features and a bias row × nodes) and C.npz (nodes × nodes of the level above).
//
//   const PecosModel read = read_pecos_model("model", parallel);
//   write_model(NpzWriter(path), {.tree = read.tree, .levels = read.levels, ...});
//
// Keeps 32-bit weights, the order of children (which ranks equal scores), post-processor and beams (only_topk of the
// levels above the labels). Pruned labels have no place in the tree. Refuses memory-mapped models, which hold raw
// arrays of one machine, and levels with different post-processors. The caller checks the name of the post-processor
// (predict/post_processor.hpp). Errors: IoError, FormatError or DataError with the file. Memory: the matrices of a
// level and the result.

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
  Json options;  // options read from the folder, for meta.json
};

PecosModel read_pecos_model(const std::string& folder, Parallel& parallel);

}  // namespace xmr
