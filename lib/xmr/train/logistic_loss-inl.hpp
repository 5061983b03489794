// The logistic loss, ln(1 + e^−m): Yu, Huang, Lin, MLJ 85, 2011. Included once per target (lanes-inl.hpp).
//
// The best α is C·σ(−t), where t is the margin after the step: t = margin + ‖x‖²·(C·σ(−t) − α). Newton's method solves
// the equation between bounds that approach each other. The violation 4·(α/C − σ(−margin)) is at most the gradient of
// the dual; unlike the gradient it is finite at α = 0.
#if defined(XMR_TRAIN_LOGISTIC_LOSS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef XMR_TRAIN_LOGISTIC_LOSS_INL_HPP
#undef XMR_TRAIN_LOGISTIC_LOSS_INL_HPP
#else
#define XMR_TRAIN_LOGISTIC_LOSS_INL_HPP
#endif

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "xmr/train/coordinate-inl.hpp"
#include "xmr/util/exp_log.hpp"

HWY_BEFORE_NAMESPACE();
namespace xmr::HWY_NAMESPACE {
namespace {

struct LogisticLoss {
  static constexpr float kHighest = 0, kLowest = 0;
  static float curvature(float) { return 0; }
  static float bound(float cost) { return cost; }

  static HWY_INLINE Step step(const Coordinate& at, float eps, PassState& state) {
    HWY_ALIGN float alpha[kLanes];
    HWY_ALIGN float margin[kLanes];
    HWY_ALIGN float cost[kLanes];
    HWY_ALIGN float violation[kLanes];
    for (std::size_t p = 0; p < kParts; ++p) {
      store(at.alpha.part[p], alpha, p);
      store(at.margin.part[p], margin, p);
      store(at.bound.part[p], cost, p);
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      violation[lane] = 4 * (alpha[lane] / cost[lane] - 1 / (1 + portable_exp(margin[lane])));

    Step step;
    Mask change[kParts];
    for (std::size_t p = 0; p < kParts; ++p) {
      const Vec violations = load(violation, p);
      state.highest.part[p] = hn::Max(state.highest.part[p], violations);
      state.lowest.part[p] = hn::Min(state.lowest.part[p], violations);
      change[p] = hn::And(state.working[p], hn::Gt(hn::Abs(violations), all(kNegligible * eps)));
      step.moves = step.moves || !hn::AllFalse(Tag(), change[p]);
    }
    step.rests = !step.moves;
    if (step.moves) solve(alpha, margin, cost, at.norm);
    for (std::size_t p = 0; p < kParts; ++p)
      step.alpha.part[p] = hn::IfThenElse(change[p], load(alpha, p), at.alpha.part[p]);
    return step;
  }

 private:
  // The equation is solved if the rest is at most this, in units of margins, or after so many rounds.
  static constexpr double kRest = 1e-4;
  static constexpr int kRounds = 30;

  static void solve(float* HWY_RESTRICT alpha, const float* HWY_RESTRICT margin, const float* HWY_RESTRICT cost,
                    float norm) {
    double t[kLanes], low[kLanes], high[kLanes];
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      t[lane] = double{margin[lane]};
      low[lane] = t[lane] - double{norm} * double{alpha[lane]};
      high[lane] = t[lane] + double{norm} * (double{cost[lane]} - double{alpha[lane]});
    }
    double left = kRest + 1;
    for (int round = 0; round < kRounds && left > kRest; ++round) {
      left = 0;
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        const double share = 1 / (1 + double{portable_exp(static_cast<float>(t[lane]))});
        const double scale = double{norm} * double{cost[lane]};
        const double rest = t[lane] - double{margin[lane]} - scale * share + double{norm} * double{alpha[lane]};
        low[lane] = rest < 0 ? t[lane] : low[lane];
        high[lane] = rest < 0 ? high[lane] : t[lane];
        const double newton = t[lane] - rest / (1 + scale * share * (1 - share));
        const bool inside = newton >= low[lane] && newton <= high[lane];
        t[lane] = inside ? newton : (low[lane] + high[lane]) / 2;
        left = std::max(left, std::fabs(rest));
      }
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      alpha[lane] = cost[lane] / (1 + portable_exp(static_cast<float>(t[lane])));
  }
};

}  // namespace
}  // namespace xmr::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
