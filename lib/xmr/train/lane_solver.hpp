#pragma once
// The solver of all rankers: dual coordinate descent (Hsieh et al., ICML 2008) on up to 16 binary problems at once, one
// SIMD lane a problem. The problems are children of one parent and share its rows, so that a visit of a row reads each
// feature's 16 weights as one line of 64 bytes, and costs little more than a visit for one problem.
//
// Per child:  minimise  ½‖w‖² + Σ_i C_i·loss(y_i·wᵀx_i),   loss(m) = max(0, 1 − m)² (squared hinge),
// max(0, 1 − m) (hinge) or ln(1 + e^−m) (logistic: Yu, Huang, Lin, MLJ 85, 2011), where w includes the weight of one
// more feature that has the value `bias` in every row, and C_i = cost_positive·relevance_i or cost_negative. A pass
// visits the rows in a random order that the lanes share: gradient, projected gradient, and a step of 1.2 times the
// exact minimiser along the coordinate (over-relaxation: an eighth fewer passes). A row rests when it rests in every
// lane (shrinking); a lane that has converged on the rows left waits for the others; then all rows are visited again,
// and lanes whose projected gradients differ by at most eps are done.
//
// Features that only one row has need no line: their weight is the row's dual times the value (ProblemRow::lone).
//
// Results are the same bytes on every target: 16 logical lanes, fused multiply-add, sums in a fixed order.
// Cost: 64 bytes a feature and a row; time is proportional to the entries of the visited rows.
// Thread rule: one thread at a time per object.

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "xmr/util/huge_pages.hpp"
#include "xmr/util/observer.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

// Problems that are solved at once. A line is 16 floats, one a lane: line i is at 16·i .. 16·i+15 of an array.
inline constexpr std::size_t kLanes = 16;

enum class Loss { squared_hinge, hinge, logistic };

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
  float lone = 0;  // of those that are left out of the entries because no other row has the feature
};

// Up to 16 children over the same rows.
struct RankerProblem {
  std::span<const std::uint32_t> indices;  // below features
  std::span<const float> values;
  std::span<const ProblemRow> rows;
  std::uint32_t features = 0;                // number of lines
  std::span<const std::uint16_t> positives;  // one a row: bit k is set where child k is positive
  // Empty, or of each row the children whose problems do not have it; none of them positive.
  std::span<const std::uint16_t> absent;
  // Empty, or the relevance (> 0) of each bit set in `positives`, by row, then by child; relevance_begin gives the
  // first of each row.
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

// The memory that one call works on.
struct SolverArrays {
  float* lines;
  float* duals;
  float* bias;
  std::uint32_t* order;
};

class LaneSolver {
 public:
  // The results below are those of the last call. Throws Interrupted between two passes.
  void solve(const RankerProblem& problem, const SolverOptions& options, const Observer& observer = Observer::none());

  // 16 floats a line.
  std::span<const float> lines() const { return lines_; }
  // y·α, 16 floats a row.
  std::span<const float> duals() const { return duals_; }
  // 16 weights of the bias.
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
