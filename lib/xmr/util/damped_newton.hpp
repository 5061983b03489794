#pragma once
// Minimises a convex function by Newton's method, damped after Levenberg (Quart. Appl. Math. 2, 1944) and Marquardt
// (J. SIAM 11, 1963). Far from the minimum a function is not quadratic, and Newton's steps are too long. So the
// diagonal of the Hessian is enlarged until the gain of a step is near that of a quadratic function. This also allows a
// Hessian that is rounded or sampled.
//
// Cost: typically 10 to 20 steps, each with the derivatives at one place and n³/3 operations for n variables. Thread
// rule: that of the function.

#include <Eigen/Core>

#include "xmr/util/observer.hpp"

namespace xmr {

class ConvexFunction {
 public:
  struct Derivatives {
    double value = 0;
    Eigen::VectorXd gradient;
    Eigen::MatrixXd hessian;  // only the lower triangle is read
  };

  virtual ~ConvexFunction() = default;
  virtual Derivatives at(const Eigen::VectorXd& place) const = 0;
};

struct Minimum {
  Eigen::VectorXd at;
  double value = 0;
};

// Values must be above 0. Stops when a step would gain less than a millionth of the value. Advances the observer by
// each step. Warns if 100 steps do not reach the minimum.
Minimum minimise(const ConvexFunction& function, Eigen::VectorXd start, Observer& observer);

}  // namespace xmr
