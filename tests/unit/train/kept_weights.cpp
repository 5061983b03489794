#include "xmr/train/kept_weights.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "xmr/model/chunk_rows.hpp"
#include "xmr/util/error.hpp"

#include "problems.hpp"
#include "support/catch.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

// Children 0..19 of one parent in two groups, {0 2 4 ... 18 19} and {1 3 ... 17}.
struct Solved {
  CsrMatrix x = random_rows(150, 120, 10, 1);
  std::vector<std::uint32_t> ids;
  ParentRows rows;
  std::vector<std::vector<std::uint32_t>> groups{{0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 19},
                                                 {1, 3, 5, 7, 9, 11, 13, 15, 17}};
  std::vector<LaneSolver> solvers{2};

  explicit Solved(bool in_place, float bias = 1) {
    ids.resize(x.rows());
    std::iota(ids.begin(), ids.end(), 0U);
    if (in_place)
      rows.in_place(x, ids);
    else
      rows.compact(x, ids);
    const CsrMatrix y = random_labels(x, 20, 2);
    for (std::size_t group = 0; group < 2; ++group) {
      std::vector<std::uint16_t> positives(x.rows());
      for (Row row = 0; row < x.rows(); ++row)
        for (const std::uint32_t label : y.view().row(row).indices)
          for (std::size_t lane = 0; lane < groups[group].size(); ++lane)
            if (groups[group][lane] == label)
              positives[row] = static_cast<std::uint16_t>(positives[row] | (1U << lane));
      RankerProblem problem = rows.problem();
      problem.positives = positives;
      problem.children = static_cast<std::uint32_t>(groups[group].size());
      SolverOptions options;
      options.bias = bias;
      solvers[group].solve(problem, options);
    }
  }

  float weight(FeatureId feature, std::size_t group, std::size_t lane) const {
    if (rows.is_in_place()) return solvers[group].lines()[feature * kLanes + lane];
    for (const FeaturePlace& place : rows.places())
      if (place.feature == feature) {
        const std::size_t at = place.line_or_row * kLanes + lane;
        return place.lone_value == 0 ? solvers[group].lines()[at] : place.lone_value * solvers[group].duals()[at];
      }
    return 0;
  }

  // The weights by child and feature, in the plainest way.
  std::map<std::pair<std::uint32_t, FeatureId>, float> expected(const KeepOptions& options) const {
    std::map<std::pair<std::uint32_t, FeatureId>, float> all;
    for (std::size_t group = 0; group < 2; ++group)
      for (std::size_t lane = 0; lane < groups[group].size(); ++lane) {
        std::vector<std::pair<float, FeatureId>> of_child;  // by decreasing size, then feature
        for (FeatureId feature = 0; feature < x.cols(); ++feature) {
          const float w = weight(feature, group, lane);
          if (w != 0 && std::fabs(w) >= (w > 0 ? options.threshold : options.threshold_negative))
            of_child.emplace_back(-std::fabs(w), feature);
        }
        std::sort(of_child.begin(), of_child.end());
        if (options.top_weights > 0 && of_child.size() > options.top_weights) of_child.resize(options.top_weights);
        for (const auto& [size, feature] : of_child)
          all[{groups[group][lane], feature}] = weight(feature, group, lane);
      }
    return all;
  }

  std::string chunk(const KeepOptions& options, float bias = 1) const {
    std::vector<KeptWeights> kept(3);
    for (std::size_t group = 0; group < 2; ++group)
      kept[group].add(solvers[group], rows, groups[group], bias, options);
    kept[2].add_without_rows(20, -10);
    return KeptWeights::chunk(kept, 21, x.cols(), WeightType::f4);
  }
};

}  // namespace

TEST_CASE("a chunk holds the weights that reach the threshold, and the largest of each child") {
  const Solved solved(GENERATE(false, true));
  KeepOptions options;
  options.threshold = GENERATE(0.0F, 0.1F, 0.5F, 100.0F);
  options.threshold_negative = GENERATE(0.0F, 0.3F);
  options.top_weights = GENERATE(0U, 1U, 5U);
  const std::string bytes = solved.chunk(options);
  const ChunkView chunk = ChunkView::open(bytes, 21, solved.x.cols(), "chunk");
  std::map<std::pair<std::uint32_t, FeatureId>, float> found;
  const ChunkRows rows = read_rows(chunk, "chunk");
  for (std::size_t n = 0; n < rows.features.size(); ++n)
    for (const ChildWeight& weight : rows.row(n))
      found[{weight.child, rows.features[n]}] = weight.value;
  CHECK(found == solved.expected(options));
  CHECK(chunk.bias()[19] == solved.solvers[0].bias()[10]);
  CHECK(chunk.bias()[1] == solved.solvers[1].bias()[0]);
  CHECK(chunk.bias()[20] == -10);
}

TEST_CASE("the bias of a chunk is multiplied by the value of the bias feature") {
  const Solved solved(false, 2);
  const std::string bytes = solved.chunk({}, 2);
  const ChunkView chunk = ChunkView::open(bytes, 21, solved.x.cols(), "chunk");
  CHECK(chunk.bias()[0] == 2 * solved.solvers[0].bias()[0]);
}

TEST_CASE("weights that overflow are refused where all biases are finite") {
  CsrMatrix small(2), large(2);  // of the same features
  for (const std::uint32_t feature : {0U, 1U}) {
    small.push(feature, 1e-10F);
    small.end_row();
    large.push(feature, 1e19F);
    large.end_row();
  }
  const std::vector<std::uint32_t> ids{0, 1}, children{0};
  const std::vector<std::uint16_t> positives{1, 0};
  ParentRows rows, other_rows;
  rows.compact(small, ids);
  other_rows.compact(large, ids);
  RankerProblem problem = rows.problem();
  problem.positives = positives;
  problem.children = 1;
  SolverOptions options;
  options.bias = 0;
  options.cost_positive = options.cost_negative = 1e30F;
  LaneSolver solver;
  solver.solve(problem, options);
  KeptWeights kept;
  CHECK_THROWS_WITH(kept.add(solver, other_rows, children, 0, {}),
                    "weights: they overflow: a feature value or a cost is too large");
}

TEST_CASE("weights that overflow are refused") {
  const Solved solved(true);
  std::vector<KeptWeights> kept(1);
  CHECK_THROWS_WITH(
      kept[0].add(solved.solvers[0], solved.rows, solved.groups[0], std::numeric_limits<float>::infinity(), {}),
      "weights: they overflow: a feature value or a cost is too large");
}
