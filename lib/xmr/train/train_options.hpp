#pragma once
// The options of training: rankers, rows and negatives of each level, and the matcher. All of them determine the model.
// Threads and memory do not and are given elsewhere. Thread rule: plain values.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "xmr/predict/beam_search.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/train/kept_weights.hpp"
#include "xmr/train/lane_solver.hpp"
#include "xmr/train/level_rows.hpp"

namespace xmr {

// The rows of a ranker below the first level: the union of these sets and of its positives.
struct Negatives {
  bool teacher_forcing = true;  // rows with a label below the parent
  bool matcher = false;         // rows that the beam brings to the parent
  bool given = false;           // TrainOptions::given
};

struct LevelOptions {
  SolverOptions solver;
  KeepOptions keep;
  Negatives negatives;  // ignored at the first level, which has all rows
};

struct TrainOptions {
  std::vector<LevelOptions> levels = {{}};             // one for all levels, or one for each; one type of weights
  std::uint64_t seed = 0;                              // of the order of visits
  RelevanceOptions relevance;                          // the factors of the costs of positives
  SearchOptions matcher = search_of({});               // the search that matches rows
  std::string x_name = "features", y_name = "labels";  // the names of the files, for messages
  // Given negatives, (rows x labels) or (rows x nodes of the level above the labels). An entry makes the row a negative
  // for the label and the nodes above it, or for all children of the node.
  std::optional<CsrView> given = {};
  // Frees the memory of X where X is mapped. Training calls it once it has a copy of X (copied_rows.hpp).
  std::function<void()> drop_x = {};

  const LevelOptions& of(std::size_t level) const { return levels.size() == 1 ? levels.front() : levels[level]; }
};

}  // namespace xmr
