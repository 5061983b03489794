#pragma once
// The losses of the solver (lane_solver.hpp). loss(m) is the loss of a row with margin m = y·wᵀx.
//
// To add a loss, add a value here, a file like hinge_loss-inl.hpp, its lines in losses-inl.hpp, a test and a line in
// docs/xmr-train.md.

namespace xmr {

enum class Loss {
  squared_hinge,  // max(0, 1 − m)²
  hinge,          // max(0, 1 − m)
  logistic        // ln(1 + e^−m)
};

}  // namespace xmr
