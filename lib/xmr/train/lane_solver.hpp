#pragma once
// The solver of all rankers: dual coordinate descent (Hsieh et al., ICML 2008) on up to 16 binary problems at once, one
// SIMD lane a problem. The problems are children of one parent and share its rows. A visit of a row reads the 16
// weights of a feature as one line of 64 bytes, so it costs little more than a visit for one problem.
//
// The objective of a child:  minimise  ½‖w‖² + Σ_i C_i·loss(y_i·wᵀx_i),  loss as in loss.hpp. w includes the weight of
// the bias, a feature with the value `bias` in every row. C_i is cost_positive·relevance_i or cost_negative.
//
// A pass visits the rows in a random order that the lanes share. A visit computes gradient and projected gradient, and
// steps 1.2 times as far as the minimiser along the coordinate (over-relaxation: an eighth fewer passes). If a row
// rests in every lane, later passes skip it (shrinking). A lane that has converged on the rows left waits for the
// others. Then all rows are visited again; lanes whose projected gradients differ by at most eps are done.
//
// A feature that only one row has needs no line: its weight is the row's dual times the value (ProblemRow::lone).
//
// The results are the same bytes on every target: 16 logical lanes, fused multiply-add, sums in a fixed order.
// Cost: 64 bytes a feature and a row; time is proportional to the entries of the visited rows.
// Thread rule: one thread at a time per object.

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "xmr/train/loss.hpp"
#include "xmr/util/huge_pages.hpp"
#include "xmr/util/observer.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

// The number of problems solved at once. A line is 16 floats, one a lane. Line i is at 16·i .. 16·i+15 of an array.
inline constexpr std::size_t kLanes = 16;

struct SolverOptions {
  Loss loss = Loss::squared_hinge;
  float cost_positive = 1;  // > 0
  float cost_negative = 1;  // > 0
  float bias = 1;           // 0: no bias
  float eps = 0.1F;         // > 0
  std::uint32_t max_iterations = 100;
};

// The entries of a row are at begin..begin+size-1 of RankerProblem::indices and values.
struct ProblemRow {
  Offset begin = 0;
  std::uint32_t size = 0;
  float norm = 0;  // sum of squares of all the row's values
  float lone = 0;  // sum of squares of the values without a line: no other row has the feature
};

// Up to 16 children over the same rows.
struct RankerProblem {
  std::span<const std::uint32_t> indices;  // below features
  std::span<const float> values;
  std::span<const ProblemRow> rows;
  std::uint32_t features = 0;                // number of lines
  std::span<const std::uint16_t> positives;  // [row]: bit k is set if child k is positive
  // Empty, or [row]: bit k is set if the problem of child k lacks the row. Such a child is not positive.
  std::span<const std::uint16_t> absent;
  // Empty, or the relevance (> 0) of each bit set in `positives`, by row, then by child. relevance_begin[row] is the
  // index of the first.
  std::span<const float> relevance;
  std::span<const Offset> relevance_begin;
  std::uint32_t children = 0;  // 1..16
  std::uint64_t seed = 0, stream = 0;
};

struct SolverCounters {
  std::uint64_t problems = 0;     // groups of up to 16 children
  std::uint64_t passes = 0;       // over the rows that were active
  std::uint64_t visits = 0;       // of rows
  std::uint64_t entries = 0;      // of the visited rows
  std::uint64_t updates = 0;      // visits that changed weights
  std::uint64_t unconverged = 0;  // children that stopped at max_iterations

  SolverCounters& operator+=(const SolverCounters& other);
};

// The memory of one call.
struct SolverArrays {
  float* lines;
  float* duals;
  float* bias;
  std::uint32_t* order;
};

class LaneSolver {
 public:
  // Solves the problem; the results below are of the last call. If the observer is cancelled, throws Interrupted
  // between two passes.
  void solve(const RankerProblem& problem, const SolverOptions& options, const Observer& observer = Observer::none());

  // The weights, 16 floats a line.
  std::span<const float> lines() const { return lines_; }
  // The duals y·α, 16 floats a row.
  std::span<const float> duals() const { return duals_; }
  // The weight of the bias in each lane.
  std::span<const float, kLanes> bias() const { return bias_; }

  const SolverCounters& counters() const { return counters_; }                           // of all calls
  SolverCounters take_counters() { return std::exchange(counters_, SolverCounters{}); }  // since they were taken

 private:
  HugeVector<float> lines_, duals_;
  HugeVector<std::uint32_t> order_;
  alignas(64) float bias_[kLanes] = {};
  SolverCounters counters_;
};

}  // namespace xmr
