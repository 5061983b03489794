// A coordinate of the dual and the step along it, common to all losses. Included once per target (lanes-inl.hpp).
//
// A loss is a struct of static functions:
//   curvature(cost)           the loss's addition to the diagonal of the dual, >= 0
//   bound(cost)               the largest dual α
//   kHighest, kLowest         the projected gradients at the beginning of a pass
//   step(at, eps, state)      one step in all working lanes
#if defined(XMR_TRAIN_COORDINATE_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef XMR_TRAIN_COORDINATE_INL_HPP
#undef XMR_TRAIN_COORDINATE_INL_HPP
#else
#define XMR_TRAIN_COORDINATE_INL_HPP
#endif

#include <cstddef>
#include <limits>

#include "xmr/train/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace xmr::HWY_NAMESPACE {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// A step goes this much beyond the minimiser along the coordinate. Any value in (0, 2) converges. Values from 1.1 to
// 1.3 needed 10 to 15 % fewer passes than 1 on synthetic and text sets.
constexpr float kRelaxation = 1.2F;
// A dual moves if its projected gradient exceeds this share of eps.
constexpr float kNegligible = 0.1F;

// The values of one pass that stay in registers.
struct PassState {
  Lanes highest_before, lowest_before;  // a dual at its bound rests beyond these gradients
  Lanes highest, lowest;                // the extreme projected gradients of this pass
  Mask working[kParts];
  Lanes curvature_positive, curvature_negative, bound_positive, bound_negative;
};

// The inputs of a step.
struct Coordinate {
  Lanes alpha, margin, curvature, bound;  // the margin is y·wᵀx
  float norm;                             // ‖x‖² with the bias
};

struct Step {
  Lanes alpha;                       // after the step
  bool rests = true, moves = false;  // in all lanes; in any lane
};

// The step of a loss whose dual is quadratic. If kIsBounded is false, bound is infinite.
template <bool kIsBounded>
HWY_INLINE Step quadratic_step(const Coordinate& at, float eps, PassState& state) {
  Step step;
  const Vec zero = all(0);
  for (std::size_t p = 0; p < kParts; ++p) {
    const Vec alpha = at.alpha.part[p], curvature = at.curvature.part[p], bound = at.bound.part[p];
    const Vec gradient = mul_add(alpha, curvature, hn::Sub(at.margin.part[p], all(1)));
    const Mask at_zero = hn::Eq(alpha, zero);
    Vec projected = hn::IfThenElse(at_zero, hn::Min(gradient, zero), gradient);
    Mask resting = hn::And(at_zero, hn::Gt(gradient, state.highest_before.part[p]));
    if constexpr (kIsBounded) {
      const Mask at_bound = hn::Eq(alpha, bound);
      projected = hn::IfThenElse(at_bound, hn::Max(gradient, zero), projected);
      resting = hn::Or(resting, hn::And(at_bound, hn::Lt(gradient, state.lowest_before.part[p])));
    }
    step.rests = step.rests && hn::AllFalse(Tag(), hn::AndNot(resting, state.working[p]));
    state.highest.part[p] = hn::Max(state.highest.part[p], projected);
    state.lowest.part[p] = hn::Min(state.lowest.part[p], projected);

    const Vec target = hn::Sub(alpha, hn::Mul(all(kRelaxation), hn::Div(gradient, hn::Add(all(at.norm), curvature))));
    const Mask change = hn::And(state.working[p], hn::Gt(hn::Abs(projected), all(kNegligible * eps)));
    step.moves = step.moves || !hn::AllFalse(Tag(), change);
    step.alpha.part[p] = hn::IfThenElse(change, hn::Min(hn::Max(target, zero), bound), alpha);
  }
  return step;
}

}  // namespace
}  // namespace xmr::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
