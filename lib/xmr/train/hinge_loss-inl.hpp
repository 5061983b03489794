// The hinge loss, max(0, 1 − m): Hsieh et al., ICML 2008, L1-SVM. Included once per target (lanes-inl.hpp).
#if defined(XMR_TRAIN_HINGE_LOSS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef XMR_TRAIN_HINGE_LOSS_INL_HPP
#undef XMR_TRAIN_HINGE_LOSS_INL_HPP
#else
#define XMR_TRAIN_HINGE_LOSS_INL_HPP
#endif

#include "xmr/train/coordinate-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace xmr::HWY_NAMESPACE {
namespace {

struct HingeLoss {
  static constexpr float kHighest = -kInfinity, kLowest = kInfinity;
  static float curvature(float) { return 0; }
  static float bound(float cost) { return cost; }
  static HWY_INLINE Step step(const Coordinate& at, float eps, PassState& state) {
    return quadratic_step<true>(at, eps, state);
  }
};

}  // namespace
}  // namespace xmr::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
