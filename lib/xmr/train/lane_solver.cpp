#include "xmr/train/lane_solver.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"
#include "xmr/util/targets.hpp"

#define HWY_TARGET_INCLUDE "xmr/train/lane_solver.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "xmr/train/losses-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace xmr::HWY_NAMESPACE {
namespace {

// A margin at which the loss of a row is 0.
constexpr float kFar = 1e30F;

// Rows come in random order. Their data is prefetched this many visits ahead: first the row, then its entries, then the
// lines of the entries. Lines are prefetched if there are more than kCachedLines, a cache of 2 MiB.
constexpr std::size_t kFetchRow = 8, kFetchEntries = 4, kFetchLines = 2;
constexpr std::size_t kCachedLines = 32768;

// Returns bias + Σ value·line over the entries of a row. Four independent sums hide the latency of the additions.
HWY_INLINE Lanes margins(const float* HWY_RESTRICT lines, const std::uint32_t* HWY_RESTRICT indices,
                         const float* HWY_RESTRICT values, std::size_t size, const Lanes& bias) {
  Lanes sum0 = bias, sum1, sum2, sum3;
  for (std::size_t p = 0; p < kParts; ++p)
    sum1.part[p] = sum2.part[p] = sum3.part[p] = all(0);
  std::size_t i = 0;
  for (; i + 4 <= size; i += 4) {
    const float* line0 = lines + std::size_t{indices[i]} * kLanes;
    const float* line1 = lines + std::size_t{indices[i + 1]} * kLanes;
    const float* line2 = lines + std::size_t{indices[i + 2]} * kLanes;
    const float* line3 = lines + std::size_t{indices[i + 3]} * kLanes;
    const Vec value0 = all(values[i]), value1 = all(values[i + 1]);
    const Vec value2 = all(values[i + 2]), value3 = all(values[i + 3]);
    for (std::size_t p = 0; p < kParts; ++p) {
      sum0.part[p] = mul_add(value0, load(line0, p), sum0.part[p]);
      sum1.part[p] = mul_add(value1, load(line1, p), sum1.part[p]);
      sum2.part[p] = mul_add(value2, load(line2, p), sum2.part[p]);
      sum3.part[p] = mul_add(value3, load(line3, p), sum3.part[p]);
    }
  }
  for (; i < size; ++i)
    for (std::size_t p = 0; p < kParts; ++p)
      sum0.part[p] = mul_add(all(values[i]), load(lines + std::size_t{indices[i]} * kLanes, p), sum0.part[p]);
  for (std::size_t p = 0; p < kParts; ++p)
    sum0.part[p] = hn::Add(hn::Add(sum0.part[p], sum1.part[p]), hn::Add(sum2.part[p], sum3.part[p]));
  return sum0;
}

// Adds value·step to the line of each entry of a row.
HWY_INLINE void add_row(float* HWY_RESTRICT lines, const std::uint32_t* HWY_RESTRICT indices,
                        const float* HWY_RESTRICT values, std::size_t size, const Lanes& step) {
  for (std::size_t i = 0; i < size; ++i) {
    float* line = lines + std::size_t{indices[i]} * kLanes;
    const Vec value = all(values[i]);
    for (std::size_t p = 0; p < kParts; ++p)
      store(mul_add(value, step.part[p], load(line, p)), line, p);
  }
}

template <class LossTraits>
class Solve {
 public:
  Solve(const RankerProblem& problem, const SolverOptions& options, const SolverArrays& arrays)
      : problem_(problem),
        options_(options),
        arrays_(arrays),
        live_((std::uint32_t{1} << problem.children) - 1),
        random_(problem.seed, problem.stream) {
    std::fill_n(highest_before_, kLanes, kInfinity);
    std::fill_n(lowest_before_, kLanes, -kInfinity);
  }

  void run(const Observer& observer, SolverCounters& counters) {
    counters_ = &counters;
    ++counters.problems;
    std::size_t active = problem_.rows.size();
    std::uint32_t waiting = 0;  // lanes that have converged on the active rows
    for (std::uint32_t pass = 0; pass < options_.max_iterations && live_ != 0; ++pass) {
      if (observer.cancelled()) throw Interrupted();
      const bool all_rows = active == problem_.rows.size();
      random_.shuffle(std::span(arrays_.order, active));
      const std::uint32_t working = live_ & ~waiting;
      active = visit(active, working);
      const std::uint32_t converged = working & converged_lanes();
      if (all_rows) {
        live_ &= ~converged;
      } else {
        waiting |= converged;
        if ((live_ & ~waiting) == 0) {
          active = problem_.rows.size();
          waiting = 0;
          std::fill_n(highest_before_, kLanes, kInfinity);
          std::fill_n(lowest_before_, kLanes, -kInfinity);
        }
      }
    }
    counters.unconverged += static_cast<std::uint64_t>(std::popcount(live_));
  }

 private:
  PassState begin_pass(std::uint32_t working) const {
    PassState state;
    for (std::size_t p = 0; p < kParts; ++p) {
      state.highest_before.part[p] = load(highest_before_, p);
      state.lowest_before.part[p] = load(lowest_before_, p);
      state.highest.part[p] = all(LossTraits::kHighest);
      state.lowest.part[p] = all(LossTraits::kLowest);
      state.working[p] = mask_of(working, p);
      state.curvature_positive.part[p] = all(LossTraits::curvature(options_.cost_positive));
      state.curvature_negative.part[p] = all(LossTraits::curvature(options_.cost_negative));
      state.bound_positive.part[p] = all(LossTraits::bound(options_.cost_positive));
      state.bound_negative.part[p] = all(LossTraits::bound(options_.cost_negative));
    }
    return state;
  }

  // Visits the first `active` rows of the order and moves rows that rest behind them. Returns the number of rows left.
  std::size_t visit(std::size_t active, std::uint32_t working) {
    PassState state = begin_pass(working);
    std::uint32_t* const order = arrays_.order;
    ++counters_->passes;
    const bool fetch_lines = problem_.features > kCachedLines;
    for (std::size_t i = 0; i < active;) {
      if (i + kFetchRow < active) fetch_row(order[i + kFetchRow]);
      if (i + kFetchEntries < active) fetch_entries(problem_.rows[order[i + kFetchEntries]]);
      if (fetch_lines && i + kFetchLines < active) fetch_lines_of(problem_.rows[order[i + kFetchLines]]);
      if (visit_row(order[i], state))
        ++i;
      else
        std::swap(order[i], order[--active]);
    }
    for (std::size_t p = 0; p < kParts; ++p) {
      store(state.highest.part[p], highest_, p);
      store(state.lowest.part[p], lowest_, p);
    }
    return active;
  }

  HWY_INLINE void fetch_row(std::uint32_t row) const {
    hwy::Prefetch(problem_.rows.data() + row);
    hwy::Prefetch(problem_.positives.data() + row);
    hwy::Prefetch(arrays_.duals + std::size_t{row} * kLanes);
  }
  HWY_INLINE void fetch_entries(const ProblemRow& row) const {
    constexpr std::size_t kLine = 64 / sizeof(float);
    for (std::size_t i = 0; i < row.size; i += kLine) {
      hwy::Prefetch(problem_.indices.data() + row.begin + i);
      hwy::Prefetch(problem_.values.data() + row.begin + i);
    }
  }
  HWY_INLINE void fetch_lines_of(const ProblemRow& row) const {
    const std::uint32_t* indices = problem_.indices.data() + row.begin;
    for (std::size_t i = 0; i < row.size; ++i)
      hwy::Prefetch(arrays_.lines + std::size_t{indices[i]} * kLanes);
  }

  // Sets the curvature and bound of a row by lane from its relevances.
  HWY_INLINE void by_relevance(std::uint32_t row, std::uint32_t positives, Lanes& curvatures, Lanes& bounds) const {
    HWY_ALIGN float curvature_of[kLanes];
    HWY_ALIGN float bound_of[kLanes];
    for (std::size_t p = 0; p < kParts; ++p) {
      store(curvatures.part[p], curvature_of, p);
      store(bounds.part[p], bound_of, p);
    }
    const float* relevance = problem_.relevance.data() + problem_.relevance_begin[row];
    for (; positives != 0; positives &= positives - 1) {
      // A cost of 0 would divide by 0.
      const float cost = std::max(options_.cost_positive * *relevance++, std::numeric_limits<float>::min());
      curvature_of[std::countr_zero(positives)] = LossTraits::curvature(cost);
      bound_of[std::countr_zero(positives)] = LossTraits::bound(cost);
    }
    for (std::size_t p = 0; p < kParts; ++p) {
      curvatures.part[p] = load(curvature_of, p);
      bounds.part[p] = load(bound_of, p);
    }
  }

  // Makes one coordinate step in every working lane. Returns false if the row rests in all of them.
  HWY_INLINE bool visit_row(std::uint32_t r, PassState& state) {
    const ProblemRow row = problem_.rows[r];
    const std::uint32_t* indices = problem_.indices.data() + row.begin;
    const float* values = problem_.values.data() + row.begin;
    const std::uint32_t positives = problem_.positives[r];
    float* const duals = arrays_.duals + std::size_t{r} * kLanes;
    ++counters_->visits;
    counters_->entries += row.size;

    Coordinate at;
    Mask positive[kParts];
    Lanes sum;
    for (std::size_t p = 0; p < kParts; ++p) {
      sum.part[p] = hn::Mul(all(options_.bias), load(arrays_.bias, p));
      positive[p] = mask_of(positives, p);
      at.curvature.part[p] =
          hn::IfThenElse(positive[p], state.curvature_positive.part[p], state.curvature_negative.part[p]);
      at.bound.part[p] = hn::IfThenElse(positive[p], state.bound_positive.part[p], state.bound_negative.part[p]);
    }
    if (!problem_.relevance.empty() && positives != 0) by_relevance(r, positives, at.curvature, at.bound);
    sum = margins(arrays_.lines, indices, values, row.size, sum);
    at.norm = row.norm + options_.bias * options_.bias;
    for (std::size_t p = 0; p < kParts; ++p) {
      at.alpha.part[p] = hn::Abs(load(duals, p));
      // lone·α is the contribution of the lone features.
      at.margin.part[p] =
          mul_add(all(row.lone), at.alpha.part[p], hn::IfThenElse(positive[p], sum.part[p], hn::Neg(sum.part[p])));
    }
    if (!problem_.absent.empty()) {
      // At this margin α stays 0.
      for (std::size_t p = 0; p < kParts; ++p)
        at.margin.part[p] = hn::IfThenElse(mask_of(problem_.absent[r], p), all(kFar), at.margin.part[p]);
    }

    const Step step = LossTraits::step(at, options_.eps, state);
    Lanes difference;
    for (std::size_t p = 0; p < kParts; ++p) {
      const Vec after = step.alpha.part[p], change = hn::Sub(after, at.alpha.part[p]);
      store(hn::IfThenElse(positive[p], after, hn::Neg(after)), duals, p);
      difference.part[p] = hn::IfThenElse(positive[p], change, hn::Neg(change));
    }
    if (step.moves) {
      ++counters_->updates;
      add_row(arrays_.lines, indices, values, row.size, difference);
      for (std::size_t p = 0; p < kParts; ++p)
        store(mul_add(all(options_.bias), difference.part[p], load(arrays_.bias, p)), arrays_.bias, p);
    }
    return !step.rests;
  }

  // Returns the lanes whose projected gradients differ by at most eps, and sets the bounds of the next pass.
  std::uint32_t converged_lanes() {
    std::uint32_t converged = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      if (highest_[lane] - lowest_[lane] <= options_.eps) converged |= std::uint32_t{1} << lane;
      highest_before_[lane] = highest_[lane] <= 0 ? kInfinity : highest_[lane];
      lowest_before_[lane] = lowest_[lane] >= 0 ? -kInfinity : lowest_[lane];
    }
    return converged;
  }

  const RankerProblem& problem_;
  const SolverOptions& options_;
  const SolverArrays arrays_;
  SolverCounters* counters_ = nullptr;
  std::uint32_t live_;  // lanes that are not done
  Random random_;
  alignas(64) float highest_before_[kLanes], lowest_before_[kLanes], highest_[kLanes], lowest_[kLanes];
};

void solve_lanes(const RankerProblem& problem, const SolverOptions& options, const SolverArrays& arrays,
                 const Observer& observer, SolverCounters& counters) {
  with_loss(options.loss,
            [&](auto traits) { Solve<decltype(traits)>(problem, options, arrays).run(observer, counters); });
}

}  // namespace
}  // namespace xmr::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace xmr {

SolverCounters& SolverCounters::operator+=(const SolverCounters& other) {
  problems += other.problems;
  passes += other.passes;
  visits += other.visits;
  entries += other.entries;
  updates += other.updates;
  unconverged += other.unconverged;
  return *this;
}

void LaneSolver::solve(const RankerProblem& problem, const SolverOptions& options, const Observer& observer) {
  assert(problem.children >= 1 && problem.children <= kLanes);
  renew(lines_, std::size_t{problem.features} * kLanes, 0.0F);
  renew(duals_, problem.rows.size() * kLanes, 0.0F);
  renew(order_, problem.rows.size(), 0U);
  std::iota(order_.begin(), order_.end(), 0U);
  std::fill_n(bias_, kLanes, 0.0F);
  const SolverArrays arrays{lines_.data(), duals_.data(), bias_, order_.data()};
  XMR_BEST_TARGET(solve_lanes)(problem, options, arrays, observer, counters_);
}

}  // namespace xmr
#endif
