// All losses: the struct of each value of Loss. Included once per target (lanes-inl.hpp).
#if defined(XMR_TRAIN_LOSSES_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef XMR_TRAIN_LOSSES_INL_HPP
#undef XMR_TRAIN_LOSSES_INL_HPP
#else
#define XMR_TRAIN_LOSSES_INL_HPP
#endif

#include "xmr/train/hinge_loss-inl.hpp"
#include "xmr/train/logistic_loss-inl.hpp"
#include "xmr/train/loss.hpp"
#include "xmr/train/squared_hinge_loss-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace xmr::HWY_NAMESPACE {
namespace {

// Calls action(traits) with the struct of the loss.
template <class Action>
void with_loss(Loss loss, const Action& action) {
  switch (loss) {
    case Loss::squared_hinge:
      return action(SquaredHingeLoss());
    case Loss::hinge:
      return action(HingeLoss());
    case Loss::logistic:
      return action(LogisticLoss());
  }
}

}  // namespace
}  // namespace xmr::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
