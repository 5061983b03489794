// One-vs-rest rankers of a few labels over all rows of a set, three ways, each on one thread: the lane solver, which
// takes 16 at once; LIBLINEAR (solver 1, the same problem), one after the other; and the plain solver of the tests.
//
//   one_vs_rest X.npz Y.npz COUNT      COUNT labels, 1..16: the most frequent, and others down to 10 rows
//
// Prints JSON: seconds of each, and the sum of the objectives that they reach. Without liblinear-dev its part is null.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#ifdef XMR_LIBLINEAR
#include <linear.h>
#endif

#include "xmr/io/json.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/sparse/operations.hpp"
#include "xmr/train/lane_solver.hpp"
#include "xmr/train/parent_rows.hpp"
#include "xmr/util/error.hpp"

#include "support/one_label_solver.hpp"

namespace {

using namespace xmr;
using test::BinaryProblem;
using test::BinarySolution;

struct Outcome {
  double seconds = 0, objective = 0;

  Json json() const { return {{"seconds", seconds}, {"objective", objective}}; }
};

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Labels at even steps of the order by frequency, among those with at least 10 rows.
std::vector<std::uint32_t> choose_labels(CsrView rows_of_label, std::size_t count) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t label = 0; label < rows_of_label.rows; ++label)
    if (rows_of_label.row(label).size() >= 10) order.push_back(label);
  std::ranges::stable_sort(order, [&](std::uint32_t a, std::uint32_t b) {
    return rows_of_label.row(a).size() > rows_of_label.row(b).size();
  });
  count = std::min(count, order.size());
  std::vector<std::uint32_t> chosen;
  for (std::size_t i = 0; i < count; ++i)
    chosen.push_back(order[i * order.size() / count]);
  return chosen;
}

BinaryProblem problem_of(CsrView x, SparseRow positives, const SolverOptions& options) {
  BinaryProblem problem{x, std::vector<double>(x.rows, -1.0), double{options.bias}, options.loss};
  for (const std::uint32_t row : positives.indices)
    problem.costs[row] = 1;
  return problem;
}

Outcome with_lanes(CsrView x, CsrView rows_of_label, std::span<const std::uint32_t> labels,
                   const SolverOptions& options) {
  const Stopwatch watch;
  std::vector<std::uint32_t> ids(x.rows);
  std::iota(ids.begin(), ids.end(), 0U);
  ParentRows rows;
  rows.in_place(x, ids);
  std::vector<std::uint16_t> positives(x.rows);
  for (std::size_t lane = 0; lane < labels.size(); ++lane)
    for (const std::uint32_t row : rows_of_label.row(labels[lane]).indices)
      positives[row] = static_cast<std::uint16_t>(positives[row] | (1U << lane));
  RankerProblem problem = rows.problem();
  problem.positives = positives;
  problem.children = static_cast<std::uint32_t>(labels.size());
  LaneSolver solver;
  solver.solve(problem, options);
  Outcome outcome{watch.seconds(), 0};
  for (std::size_t lane = 0; lane < labels.size(); ++lane) {
    BinarySolution solution{std::vector<double>(x.cols), double{solver.bias()[lane]}, 0};
    for (std::size_t feature = 0; feature < x.cols; ++feature)
      solution.weights[feature] = double{solver.lines()[feature * kLanes + lane]};
    outcome.objective += objective(problem_of(x, rows_of_label.row(labels[lane]), options), solution);
  }
  return outcome;
}

Outcome with_oracle(CsrView x, CsrView rows_of_label, std::span<const std::uint32_t> labels,
                    const SolverOptions& options) {
  Outcome outcome;
  for (const std::uint32_t label : labels) {
    const BinaryProblem problem = problem_of(x, rows_of_label.row(label), options);
    const Stopwatch watch;
    const BinarySolution solution = solve_one_label(problem, double{options.eps}, options.max_iterations);
    outcome.seconds += watch.seconds();
    outcome.objective += objective(problem, solution);
  }
  return outcome;
}

#ifdef XMR_LIBLINEAR
Json with_liblinear(CsrView x, CsrView rows_of_label, std::span<const std::uint32_t> labels,
                    const SolverOptions& options) {
  // LIBLINEAR counts features from 1; the bias is one more.
  std::vector<feature_node> nodes;
  std::vector<std::size_t> begin;
  nodes.reserve(x.nnz() + 2 * x.rows);
  begin.reserve(x.rows);
  for (Row row = 0; row < x.rows; ++row) {
    begin.push_back(nodes.size());
    const SparseRow entries = x.row(row);
    for (std::size_t i = 0; i < entries.size(); ++i)
      nodes.push_back({static_cast<int>(entries.indices[i]) + 1, double{entries.values[i]}});
    nodes.push_back({static_cast<int>(x.cols) + 1, double{options.bias}});
    nodes.push_back({-1, 0});
  }
  std::vector<feature_node*> rows;
  rows.reserve(x.rows);
  for (const std::size_t first : begin)
    rows.push_back(nodes.data() + first);
  parameter parameters{};
  parameters.solver_type = L2R_L2LOSS_SVC_DUAL;
  parameters.C = 1;
  parameters.eps = double{options.eps};
  set_print_string_function([](const char*) {});

  Outcome outcome;
  for (const std::uint32_t label : labels) {
    const BinaryProblem ours = problem_of(x, rows_of_label.row(label), options);
    std::vector<double> signs = ours.costs;
    ::problem theirs{static_cast<int>(x.rows), static_cast<int>(x.cols) + 1, signs.data(), rows.data(),
                     double{options.bias}};
    const Stopwatch watch;
    ::model* model = train(&theirs, &parameters);
    outcome.seconds += watch.seconds();
    // The weights are of the class that comes first.
    const double sign = model->label[0];
    BinarySolution solution{std::vector<double>(x.cols), sign * model->w[x.cols], 0};
    for (std::size_t feature = 0; feature < x.cols; ++feature)
      solution.weights[feature] = sign * model->w[feature];
    free_and_destroy_model(&model);
    outcome.objective += objective(ours, solution);
  }
  return outcome.json();
}
#else
Json with_liblinear(CsrView /*x*/, CsrView /*rows_of_label*/, std::span<const std::uint32_t> /*labels*/,
                    const SolverOptions& /*options*/) {
  return nullptr;
}
#endif

int run(const std::string& x_path, const std::string& y_path, std::size_t count) {
  const MatrixFile x(x_path), y(y_path);
  const CsrMatrix rows_of_label = transpose(y.view());
  const std::vector<std::uint32_t> labels = choose_labels(rows_of_label, count);
  const SolverOptions options;
  const Json result = {
      {"labels", labels.size()},
      {"lanes", with_lanes(x.view(), rows_of_label, labels, options).json()},
      {"liblinear", with_liblinear(x.view(), rows_of_label, labels, options)},
      {"plain", with_oracle(x.view(), rows_of_label, labels, options).json()},
  };
  std::puts(result.dump().c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc == 4 ? std::atoi(argv[3]) : 0;
  if (count < 1 || count > static_cast<int>(kLanes)) {
    std::fputs("use: one_vs_rest X.npz Y.npz COUNT, COUNT in 1..16\n", stderr);
    return 2;
  }
  try {
    return run(argv[1], argv[2], static_cast<std::size_t>(count));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "one_vs_rest: %s\n", error.what());
    return 1;
  }
}
