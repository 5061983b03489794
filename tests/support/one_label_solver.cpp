#include "support/one_label_solver.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "xmr/util/random.hpp"

namespace xmr::test {

namespace {

double infinity() {
  return std::numeric_limits<double>::infinity();
}

double margin(const BinaryProblem& problem, const BinarySolution& solution, Row row) {
  double sum = problem.bias * solution.bias_weight;
  const SparseRow entries = problem.x.row(row);
  for (std::size_t i = 0; i < entries.size(); ++i)
    sum += solution.weights[entries.indices[i]] * entries.values[i];
  return sum;
}

// The logistic loss has an entropy in its dual and no duals at bounds, hence its own loop (Yu, Huang, Lin, MLJ 2011,
// without their shortcuts): each coordinate is solved by bisection, until a pass moves none by more than eps.
BinarySolution solve_logistic(const BinaryProblem& problem, double eps, unsigned max_iterations) {
  BinarySolution solution{std::vector<double>(problem.x.cols), 0, 0};
  std::vector<double> alpha(problem.x.rows);
  double largest_step = eps + 1;
  for (unsigned pass = 0; pass < max_iterations && largest_step > eps; ++pass) {
    largest_step = 0;
    for (Row row = 0; row < problem.x.rows; ++row) {
      const SparseRow entries = problem.x.row(row);
      const double cost = std::fabs(problem.costs[row]), y = std::copysign(1.0, problem.costs[row]);
      const double at = y * margin(problem, solution, row);
      double norm = problem.bias * problem.bias;
      for (const float value : entries.values)
        norm += double{value} * double{value};
      double low = 0, high = cost;
      for (int halving = 0; halving < 60; ++halving) {
        const double middle = (low + high) / 2;
        const double slope = at + norm * (middle - alpha[row]) + std::log(middle / (cost - middle));
        (slope < 0 ? low : high) = middle;
      }
      const double step = (low + high) / 2 - alpha[row];
      alpha[row] += step;
      largest_step = std::max(largest_step, std::fabs(step));
      ++solution.visits;
      for (std::size_t i = 0; i < entries.size(); ++i)
        solution.weights[entries.indices[i]] += y * step * entries.values[i];
      solution.bias_weight += y * step * problem.bias;
    }
  }
  return solution;
}

}  // namespace

BinarySolution solve_one_label(const BinaryProblem& problem, double eps, unsigned max_iterations) {
  if (problem.loss == Loss::logistic) return solve_logistic(problem, eps, max_iterations);
  const std::size_t n = problem.x.rows;
  const bool squared = problem.loss == Loss::squared_hinge;
  BinarySolution solution{std::vector<double>(problem.x.cols), 0, 0};
  std::vector<double> alpha(n), diagonal(n);
  for (Row row = 0; row < n; ++row) {
    diagonal[row] = problem.bias * problem.bias + (squared ? 0.5 / std::fabs(problem.costs[row]) : 0);
    for (const float value : problem.x.row(row).values)
      diagonal[row] += double{value} * double{value};
  }
  std::vector<Row> order(n);
  std::iota(order.begin(), order.end(), Row{0});
  Random random(1);
  std::size_t active = n;
  double highest_before = infinity(), lowest_before = -infinity();
  for (unsigned pass = 0; pass < max_iterations; ++pass) {
    random.shuffle(std::span(order.data(), active));
    double highest = -infinity(), lowest = infinity();
    for (std::size_t k = 0; k < active; ++k) {
      const Row row = order[k];
      const double cost = std::fabs(problem.costs[row]), y = std::copysign(1.0, problem.costs[row]);
      const double bound = squared ? infinity() : cost;
      ++solution.visits;
      const double gradient = y * margin(problem, solution, row) - 1 + (squared ? 0.5 / cost * alpha[row] : 0);
      double projected = gradient;
      bool rests = false;
      if (alpha[row] == 0) {
        rests = gradient > highest_before;
        projected = std::min(gradient, 0.0);
      } else if (alpha[row] == bound) {
        rests = gradient < lowest_before;
        projected = std::max(gradient, 0.0);
      }
      if (rests) {
        std::swap(order[k--], order[--active]);
        continue;
      }
      highest = std::max(highest, projected);
      lowest = std::min(lowest, projected);
      if (std::fabs(projected) <= 1e-12) continue;
      const double before = alpha[row];
      alpha[row] = std::clamp(before - gradient / diagonal[row], 0.0, bound);
      const double step = (alpha[row] - before) * y;
      const SparseRow entries = problem.x.row(row);
      for (std::size_t i = 0; i < entries.size(); ++i)
        solution.weights[entries.indices[i]] += step * entries.values[i];
      solution.bias_weight += step * problem.bias;
    }
    highest_before = highest <= 0 ? infinity() : highest;
    lowest_before = lowest >= 0 ? -infinity() : lowest;
    if (highest - lowest > eps) continue;
    if (active == n) break;
    active = n;
    highest_before = infinity();
    lowest_before = -infinity();
  }
  return solution;
}

double objective(const BinaryProblem& problem, const BinarySolution& solution) {
  double sum = solution.bias_weight * solution.bias_weight / 2;
  for (const double weight : solution.weights)
    sum += weight * weight / 2;
  for (Row row = 0; row < problem.x.rows; ++row) {
    const double y = std::copysign(1.0, problem.costs[row]);
    const double y_margin = y * margin(problem, solution, row), hinge = std::max(0.0, 1 - y_margin);
    const double loss = problem.loss == Loss::squared_hinge ? hinge * hinge
                        : problem.loss == Loss::hinge       ? hinge
                                                            : std::log1p(std::exp(-y_margin));
    sum += std::fabs(problem.costs[row]) * loss;
  }
  return sum;
}

}  // namespace xmr::test
