#include "xmr/train/lane_solver.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "xmr/train/parent_rows.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/targets.hpp"

#include "problems.hpp"
#include "support/catch.hpp"
#include "support/one_label_solver.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

// A set of children over random rows, as the trainer would make it.
struct Sample {
  CsrMatrix x;
  std::vector<std::uint32_t> ids;
  ParentRows rows;
  std::vector<std::uint16_t> positives, absent;
  std::uint32_t children;
  std::vector<float> relevance;
  std::vector<Offset> relevance_begin;

  Sample(std::uint64_t row_count, std::uint32_t features, std::uint32_t child_count, std::uint64_t seed, bool in_place)
      : x(random_rows(row_count, features, 12, seed)), ids(row_count), positives(row_count), children(child_count) {
    std::iota(ids.begin(), ids.end(), 0U);
    if (in_place)
      rows.in_place(x, ids);
    else
      rows.compact(x, ids);
    const CsrMatrix y = random_labels(x, children, seed + 1);
    for (Row row = 0; row < row_count; ++row)
      for (const std::uint32_t child : y.view().row(row).indices)
        positives[row] = static_cast<std::uint16_t>(positives[row] | (1U << child));
  }

  void add_relevance(std::uint64_t seed) {
    Random random(seed);
    for (const std::uint16_t bits : positives) {
      relevance_begin.push_back(relevance.size());
      for (int i = 0; i < std::popcount(bits); ++i)
        relevance.push_back(0.1F + 3 * static_cast<float>(random.uniform()));
    }
  }

  // A third of the negatives.
  void add_absent(std::uint64_t seed) {
    Random random(seed);
    for (const std::uint16_t bits : positives) {
      std::uint32_t some = 0;
      for (std::uint32_t child = 0; child < children; ++child)
        some |= static_cast<std::uint32_t>(random.below(3) == 0) << child;
      absent.push_back(static_cast<std::uint16_t>(some & ~std::uint32_t{bits}));
    }
  }

  RankerProblem problem() const {
    RankerProblem problem = rows.problem();
    problem.positives = positives;
    problem.absent = absent;
    problem.children = children;
    problem.relevance = relevance;
    problem.relevance_begin = relevance_begin;
    return problem;
  }

  BinaryProblem of_child(std::uint32_t child, const SolverOptions& options) const {
    BinaryProblem problem{x.view(), {}, options.bias, options.loss};
    for (Row row = 0; row < x.rows(); ++row) {
      const unsigned bits = positives[row];
      const bool positive = (bits >> child & 1) != 0;
      double cost = positive ? options.cost_positive : -options.cost_negative;
      if (positive && !relevance.empty())
        cost *= relevance[relevance_begin[row] + std::popcount(bits & ((1U << child) - 1))];
      if (!absent.empty() && (absent[row] >> child & 1) != 0) cost *= 1e-12;
      problem.costs.push_back(cost);
    }
    return problem;
  }

  BinarySolution solution_of(const LaneSolver& solver, std::uint32_t child) const {
    BinarySolution solution{std::vector<double>(x.cols()), solver.bias()[child], 0};
    if (rows.is_in_place())
      for (std::size_t f = 0; f < x.cols(); ++f)
        solution.weights[f] = solver.lines()[f * kLanes + child];
    for (const FeaturePlace& place : rows.places()) {
      const std::size_t at = std::size_t{place.line_or_row} * kLanes + child;
      solution.weights[place.feature] =
          place.lone_value == 0 ? solver.lines()[at] : place.lone_value * solver.duals()[at];
    }
    return solution;
  }
};

Loss any_loss() {
  return find_named<Loss>(GENERATE(from_range(names_of<Loss>()))).value();
}

// Tight enough that the primal objective is within 1e-3 of the best: that of the hinge loss has corners, and comes down
// late.
SolverOptions tight(Loss loss) {
  SolverOptions options;
  options.loss = loss;
  options.eps = loss == Loss::squared_hinge ? 0.01F : loss == Loss::hinge ? 1e-4F : 1e-3F;
  options.max_iterations = 20000;
  return options;
}

void check_against_oracle(const Sample& sample, const SolverOptions& options) {
  LaneSolver solver;
  solver.solve(sample.problem(), options);
  for (std::uint32_t child = 0; child < sample.children; ++child) {
    INFO("child " << child << " of " << sample.children);
    const BinaryProblem problem = sample.of_child(child, options);
    const BinarySolution ours = sample.solution_of(solver, child);
    const BinarySolution exact = solve_one_label(problem, 1e-7, 100000);
    const double best = objective(problem, exact);
    CHECK(objective(problem, ours) == Approx(best).epsilon(1e-3).margin(1e-3));
    // By strong convexity no weight is further from the best than this.
    const double reach = std::sqrt(2 * std::max(0.0, objective(problem, ours) - best)) + 1e-3;
    for (std::size_t f = 0; f < exact.weights.size(); ++f)
      REQUIRE(std::fabs(ours.weights[f] - exact.weights[f]) <= reach);
    CHECK(std::fabs(ours.bias_weight - exact.bias_weight) <= reach);
  }
}

// The bytes of everything that a solve leaves.
std::vector<float> outcome(const LaneSolver& solver) {
  std::vector<float> all(solver.lines().begin(), solver.lines().end());
  all.insert(all.end(), solver.duals().begin(), solver.duals().end());
  all.insert(all.end(), solver.bias().begin(), solver.bias().end());
  return all;
}

bool same_bytes(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](float x, float y) {
           return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y);
         });
}

class Cancelled : public Observer {
 public:
  bool cancelled() const override { return true; }
};

}  // namespace

TEST_CASE("the lane solver reaches the objective of one-label dual coordinate descent") {
  const std::uint32_t children = GENERATE(1U, 3U, 8U, 16U);
  const bool in_place = GENERATE(false, true);
  const SolverOptions options = tight(any_loss());
  check_against_oracle(Sample(100, 60, children, children + 100, in_place), options);
}

TEST_CASE("with the default tolerance the objective is that of one-label dual coordinate descent") {
  const Sample sample(600, 200, 16, 5, false);
  SolverOptions options;
  options.loss = GENERATE(Loss::squared_hinge, Loss::logistic);
  LaneSolver solver;
  solver.solve(sample.problem(), options);
  for (std::uint32_t child = 0; child < 15; ++child) {  // the last has no positive row: the trainer does not solve it
    const BinaryProblem problem = sample.of_child(child, options);
    const double eps = options.loss == Loss::logistic ? 1e-7 : double{options.eps};
    const BinarySolution oracle = solve_one_label(problem, eps, options.max_iterations);
    CHECK(objective(problem, sample.solution_of(solver, child)) <= objective(problem, oracle) * 1.001);
  }
}

TEST_CASE("the lane solver weighs positives, negatives and the bias") {
  SolverOptions options = tight(any_loss());
  SECTION("costs") {
    options.cost_positive = 8;
    options.cost_negative = 0.5F;
  }
  SECTION("a larger bias") {
    options.bias = 2.5F;
  }
  SECTION("no bias") {
    options.bias = 0;
  }
  check_against_oracle(Sample(80, 50, 5, 7, false), options);
}

TEST_CASE("the lane solver multiplies the cost of each positive by its relevance") {
  Sample sample(80, 50, 16, 11, false);
  sample.add_relevance(12);
  SolverOptions options = tight(any_loss());
  options.cost_positive = 2;
  check_against_oracle(sample, options);
}

TEST_CASE("a positive whose relevance is next to nothing is no positive, and no harm to others") {
  Sample sample(80, 50, 16, 11, GENERATE(false, true));
  sample.add_relevance(12);
  for (std::size_t i = 0; i < sample.relevance.size(); i += 3)
    sample.relevance[i] = std::numeric_limits<float>::denorm_min();
  SolverOptions options = tight(any_loss());
  options.cost_positive = 0.25F;  // times that is 0
  check_against_oracle(sample, options);
}

TEST_CASE("a row that a child does not have is nothing to it") {
  Sample sample(80, 50, 16, 13, GENERATE(false, true));
  sample.add_absent(14);
  check_against_oracle(sample, tight(any_loss()));
}

TEST_CASE("features of one row only get the same weights with and without a line") {
  SolverOptions options;
  options.eps = 1e-4F;
  options.max_iterations = 5000;
  const Sample compact(60, 300, 9, 21, false), in_place(60, 300, 9, 21, true);
  const auto lone = std::count_if(compact.rows.places().begin(), compact.rows.places().end(),
                                  [](const FeaturePlace& place) { return place.lone_value != 0; });
  REQUIRE(lone > 20);
  LaneSolver a, b;
  a.solve(compact.problem(), options);
  b.solve(in_place.problem(), options);
  for (std::uint32_t child = 0; child < 9; ++child) {
    const auto left = compact.solution_of(a, child).weights, right = in_place.solution_of(b, child).weights;
    for (std::size_t f = 0; f < left.size(); ++f)
      CHECK(left[f] == Approx(right[f]).margin(1e-3));
  }
}

TEST_CASE("a solve gives the same bytes on every instruction set") {
  Sample sample(300, 200, 13, 31, false);
  const bool relevance = GENERATE(false, true);
  if (relevance) sample.add_relevance(32);
  SolverOptions options;
  options.loss = any_loss();
  const std::int64_t supported = supported_targets();
  std::vector<float> first;
  for (std::int64_t rest = supported; rest != 0; rest &= rest - 1) {
    set_targets_for_test(rest & -rest);
    LaneSolver solver;
    solver.solve(sample.problem(), options);
    INFO(hwy::TargetName(rest & -rest));
    if (first.empty()) first = outcome(solver);
    CHECK(same_bytes(outcome(solver), first));
  }
  set_targets_for_test(0);
}

TEST_CASE("the logistic loss learns the bias") {
  // Without features only the bias can tell that one row in five is positive.
  CsrMatrix x(1);
  for (int row = 0; row < 50; ++row)
    x.end_row();
  std::vector<std::uint32_t> ids(50);
  std::iota(ids.begin(), ids.end(), 0U);
  ParentRows rows;
  rows.compact(x, ids);
  std::vector<std::uint16_t> positives(50);
  for (std::size_t row = 0; row < 50; row += 5)
    positives[row] = 1;
  RankerProblem problem = rows.problem();
  problem.positives = positives;
  problem.children = 1;
  SolverOptions options = tight(Loss::logistic);
  options.cost_positive = options.cost_negative = 100;
  LaneSolver solver;
  solver.solve(problem, options);
  CHECK(solver.bias()[0] == Approx(std::log(0.25)).epsilon(0.01));
  CHECK(solver.counters().unconverged == 0);
}

TEST_CASE("a solver that was used before gives the same bytes as a fresh one") {
  const Sample large(300, 200, 16, 41, false), small(50, 80, 4, 42, false);
  LaneSolver used, fresh;
  used.solve(large.problem(), {});
  used.solve(small.problem(), {});
  fresh.solve(small.problem(), {});
  CHECK(same_bytes(outcome(used), outcome(fresh)));
}

TEST_CASE("lanes without a child stay empty") {
  const Sample sample(80, 60, 3, 51, false);
  LaneSolver solver;
  solver.solve(sample.problem(), {});
  for (std::size_t i = 0; i < solver.lines().size(); ++i)
    if (i % kLanes >= 3) REQUIRE(solver.lines()[i] == 0);
}

TEST_CASE("a solve ends after max_iterations and counts the children that have not converged") {
  const Sample sample(200, 120, 16, 61, false);
  SolverOptions options;
  options.max_iterations = 2;
  LaneSolver solver;
  solver.solve(sample.problem(), options);
  CHECK(solver.counters().passes == 2);
  CHECK(solver.counters().visits == 400);
  CHECK(solver.counters().unconverged > 0);
  options.max_iterations = 1000;
  solver.solve(sample.problem(), options);
  CHECK(solver.counters().problems == 2);
}

TEST_CASE("a cancelled solve throws") {
  const Sample sample(20, 20, 2, 71, false);
  LaneSolver solver;
  CHECK_THROWS_AS(solver.solve(sample.problem(), {}, Cancelled()), Interrupted);
}
