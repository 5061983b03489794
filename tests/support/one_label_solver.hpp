#pragma once
// The oracle of lane_solver.hpp: LIBLINEAR's dual coordinate descent for one label (Hsieh et al., ICML 2008, algorithm
// 3, with shrinking; for the logistic loss one coordinate after the other by bisection), in double precision and on a
// weight vector as long as the features. Slow and plain.

#include <cstdint>
#include <vector>

#include "xmr/sparse/csr.hpp"
#include "xmr/train/lane_solver.hpp"

namespace xmr::test {

// One binary problem: row i of x is positive where costs[i] > 0, negative where it is < 0; |costs[i]| is C_i.
struct BinaryProblem {
  CsrView x;
  std::vector<double> costs;
  double bias = 1;
  Loss loss = Loss::squared_hinge;
};

struct BinarySolution {
  std::vector<double> weights;  // by feature
  double bias_weight = 0;
  std::uint64_t visits = 0;  // of rows
};

BinarySolution solve_one_label(const BinaryProblem& problem, double eps, unsigned max_iterations);

// ½‖w‖² + Σ C_i·loss_i, the bias weight among w.
double objective(const BinaryProblem& problem, const BinarySolution& solution);

}  // namespace xmr::test
