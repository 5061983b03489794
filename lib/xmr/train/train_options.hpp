#pragma once
// What a training learns: options of each level's rankers, what they are learnt on, and how negatives are matched.
// Everything here has an influence on the model; threads and memory have none and are given elsewhere.
// Thread rule: plain values.

#include <cstdint>
#include <optional>
#include <vector>

#include "xmr/predict/beam_search.hpp"
#include "xmr/sparse/csr.hpp"
#include "xmr/train/kept_weights.hpp"
#include "xmr/train/lane_solver.hpp"
#include "xmr/train/level_rows.hpp"

namespace xmr {

// The rows that a ranker below the first level is learnt on: the union of these sets. A ranker's positives are always
// there.
struct Negatives {
  bool teacher_forcing = true;  // rows that have a label below the parent
  bool matcher = false;         // rows that the beam brings to the parent
  bool given = false;           // TrainOptions::given
};

struct LevelOptions {
  SolverOptions solver;
  KeepOptions keep;
  Negatives negatives;  // the first level has all rows
};

struct TrainOptions {
  std::vector<LevelOptions> levels = {{}};  // one for all levels, or one for each; weights of one type
  std::uint64_t seed = 0;                   // of the order in which rows are visited
  RelevanceOptions relevance;               // factors of the costs of positives
  SearchOptions matcher = search_of({});    // how rows are matched
  // Rows × labels: where an entry is, the row is a negative for the label and the nodes above it. Or rows × nodes of
  // the level above the labels: then for all children of the node.
  std::optional<CsrView> given = {};

  const LevelOptions& of(std::size_t level) const { return levels.size() == 1 ? levels.front() : levels[level]; }
};

}  // namespace xmr
