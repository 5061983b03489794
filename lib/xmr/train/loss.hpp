#pragma once
// The losses of the solver (lane_solver.hpp). loss(m) is the loss of a row with margin m = y·wᵀx.
//
// To add a loss, add a value and its name here, a file like hinge_loss-inl.hpp, its lines in losses-inl.hpp, and its
// formula in the oracle tests/support/one_label_solver.cpp: the tests take every loss. scripts/check_docs --write adds
// its name to docs/xmr-train.md.

#include "xmr/util/enum_names.hpp"

namespace xmr {

enum class Loss { squared_hinge, hinge, logistic };
template <>
struct EnumNames<Loss> {
  static constexpr EnumName<Loss> kTable[] = {
      {Loss::squared_hinge, "squared-hinge", "max(0, 1 - m)^2"},
      {Loss::hinge, "hinge", "max(0, 1 - m)"},
      {Loss::logistic, "logistic", "ln(1 + e^-m)"},
  };
};

}  // namespace xmr
