#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "xmr/boost/margin_model.hpp"
#include "xmr/boost/tree_fit.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/plain_boost.hpp"
#include "support/random_evidence.hpp"

using namespace xmr;

namespace {

std::vector<Slopes> slopes_at_zero(Objective objective, const LabelledEvidence& data, Parallel& parallel) {
  std::vector<Slopes> slopes(data.candidates());
  const std::vector<double> margins(data.candidates());
  find_slopes(objective, data, margins, 1.0, slopes, parallel);
  return slopes;
}

double loss_of(const BoostedTrees& trees, const LabelledEvidence& data, Objective objective, Parallel& parallel) {
  MarginModel model(data.evidence.columns);
  model.set_trees(trees);
  return mean_loss(objective, data, margins_of(model, data.evidence, parallel), parallel);
}

TreeOptions small_options() {
  TreeOptions options;
  options.trees = 12;
  options.limits.least_candidates = 3;
  options.limits.leaves = 9;
  options.limits.l2 = 1;
  return options;
}

}  // namespace

TEST_CASE("a bin counts the cuts below a number, and missing numbers have bin 0 for themselves") {
  const test::RandomEvidence random(60, 9, 1);
  Parallel parallel(1);
  for (const std::size_t bins : {2, 5, 256}) {
    const ColumnBins found(random.view(), bins, parallel);
    for (std::size_t column = 0; column < random.columns; ++column) {
      const auto cuts = found.cuts(column);
      REQUIRE(cuts.size() < bins);
      REQUIRE(std::ranges::adjacent_find(cuts, std::greater_equal<>()) == cuts.end());
      for (std::size_t i = 0; i < found.candidates(); ++i) {
        const float x = random.values[i * random.columns + column];
        const auto below = std::ranges::count_if(cuts, [&](float cut) { return x > cut; });
        REQUIRE(found.bin(i, column) == below);
        if (column % 4 == 3) REQUIRE((below == 0) == std::isnan(x));
      }
    }
  }
}

TEST_CASE("few distinct numbers have a bin each") {
  const std::vector<float> values = {1, 2, 3, 3, 2, 1, 7, 7};
  const std::vector<std::uint8_t> targets = {0, 0, 0, 1, 0, 0, 1, 0};
  const std::vector<std::uint64_t> queries = {0, 8};
  Parallel parallel(1);
  const ColumnBins bins({{values, 1}, targets, {}, {}, queries}, 4, parallel);
  std::vector<int> found;
  for (std::size_t i = 0; i < 8; ++i)
    found.push_back(bins.bin(i, 0));
  REQUIRE(found == std::vector<int>{0, 1, 2, 2, 1, 0, 3, 3});
}

TEST_CASE("a tree is that of the plain learner") {
  Parallel parallel(2);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const test::RandomEvidence random(25, 1 + seed % 7, seed, seed % 2 == 0);
    const ColumnBins bins(random.view(), seed % 3 == 0 ? 4 : 30, parallel);
    const auto objective = seed % 4 < 2 ? Objective::logistic : Objective::softmax;
    const std::vector<Slopes> slopes = slopes_at_zero(objective, random.view(), parallel);
    TreeLimits limits;
    limits.leaves = static_cast<std::uint32_t>(1 + seed % 8);
    limits.least_candidates = 1 + seed % 5;
    limits.l2 = static_cast<double>(seed % 3);
    TreeGrower grower(bins, limits, 1.0, parallel);
    for (int repeat = 0; repeat < 2; ++repeat) {
      const GrownDecisionTree tree = grower.grow(slopes), plain = test::plain_tree(bins, limits, 1.0, slopes);
      REQUIRE(tree.splits == plain.splits);
      REQUIRE(tree.values == plain.values);
      for (std::size_t leaf = 0; leaf < tree.values.size(); ++leaf)
        for (const std::uint32_t candidate : grower.candidates(leaf))
          REQUIRE(test::plain_leaf(tree, bins, random.view().evidence.row(candidate)) == leaf);
    }
  }
}

TEST_CASE("candidates scored together have the sums of their leaves") {
  Parallel parallel(1);
  for (const std::uint32_t leaves : {1, 2, 31, 32}) {
    const test::RandomEvidence random(150, 11, leaves);
    const LabelledEvidence data = random.view();
    const ColumnBins bins(data, 256, parallel);
    TreeLimits limits;
    limits.leaves = leaves;
    limits.least_candidates = 2;
    limits.l2 = 0.1;
    TreeGrower grower(bins, limits, 1.0, parallel);
    std::vector<GrownDecisionTree> grown;
    BoostedTrees trees;
    for (const auto objective : {Objective::logistic, Objective::softmax}) {
      grown.push_back(grower.grow(slopes_at_zero(objective, data, parallel)));
      trees.append(grown.back(), bins);
    }
    REQUIRE(grown[0].values.size() == leaves);
    MarginModel model(random.columns);
    model.set_trees(trees);
    MarginScorer scorer(model);
    for (const std::size_t count : {1, 15, 16, 17, 63, 64, 65, 130}) {
      std::vector<double> margins(count), expected;
      const EvidenceView view{std::span(random.values).first(count * random.columns), random.columns};
      scorer(view, margins);
      for (std::size_t i = 0; i < count; ++i) {
        float sum = 0;
        for (const GrownDecisionTree& tree : grown)
          sum += static_cast<float>(tree.values[test::plain_leaf(tree, bins, view.row(i))]);
        expected.push_back(static_cast<double>(sum));
      }
      REQUIRE(margins == expected);
    }
  }
}

TEST_CASE("more trees lower the loss") {
  const test::RandomEvidence random(200, 8, 5, true);
  const LabelledEvidence data = random.view();
  Parallel parallel(1);
  for (const auto objective : {Objective::logistic, Objective::softmax}) {
    TreeOptions options = small_options();
    options.objective = objective;
    double before = INFINITY;
    for (options.trees = 0; options.trees < 40; options.trees += 13) {
      const double reached = loss_of(fit_trees(data, nullptr, options, parallel).trees, data, objective, parallel);
      REQUIRE(reached < before);
      before = reached;
    }
  }
}

TEST_CASE("slopes are the derivatives of the mean loss") {
  const test::RandomEvidence random(30, 2, 9, true);
  const LabelledEvidence data = random.view();
  Parallel parallel(1);
  Random numbers(3);
  std::vector<double> margins(data.candidates());
  for (double& margin : margins)
    margin = 4 * numbers.uniform() - 2;
  for (const auto objective : {Objective::logistic, Objective::softmax}) {
    std::vector<Slopes> slopes(data.candidates());
    find_slopes(objective, data, margins, 1.0, slopes, parallel);
    double total = 0;
    for (std::size_t i = 0; i < data.candidates(); ++i)
      total += objective == Objective::logistic ? static_cast<double>(data.weight(i)) : 0.0;
    if (objective == Objective::softmax)
      for (std::size_t query = 0; query < data.number_of_queries(); ++query) {
        double relevant = 0;
        for (std::uint64_t i = data.queries[query]; i < data.queries[query + 1]; ++i)
          relevant += data.targets[i] * static_cast<double>(data.weight(i));
        total += relevant > 0 ? 1 : 0;
      }
    for (std::size_t i = 0; i < data.candidates(); i += 7) {
      const double margin = margins[i], h = 0.01;
      margins[i] = margin + h;
      const double above = mean_loss(objective, data, margins, parallel);
      margins[i] = margin - h;
      const double below = mean_loss(objective, data, margins, parallel);
      margins[i] = margin;
      REQUIRE(std::fabs((above - below) / (2 * h) * total - slopes[i].first()) < 1e-3);
      REQUIRE(slopes[i].count() == 1);
    }
  }
}

TEST_CASE("a fit keeps the trees up to the lowest validation loss") {
  const test::RandomEvidence random(60, 5, 11), other(60, 5, 12);
  const LabelledEvidence validation = other.view();
  Parallel parallel(1);
  TreeOptions options = small_options();
  options.objective = Objective::logistic;
  options.trees = 200;
  options.patience = 10;
  const TreeFit fit = fit_trees(random.view(), &validation, options, parallel);
  REQUIRE(fit.trees.trees() < 150);
  const auto loss = [&](const BoostedTrees& trees) { return loss_of(trees, validation, options.objective, parallel); };
  REQUIRE(std::fabs(loss(fit.trees) - fit.validation_loss) < 1e-5);
  // The log-odds are a tree of their own.
  for (const std::uint32_t trees : {0U, static_cast<std::uint32_t>(fit.trees.trees()) + 9}) {
    options.trees = trees;
    REQUIRE(loss(fit_trees(random.view(), nullptr, options, parallel).trees) > fit.validation_loss);
  }
}

TEST_CASE("a fit continues from the starts") {
  const test::RandomEvidence random(200, 8, 21);
  Parallel parallel(1);
  for (const auto objective : {Objective::logistic, Objective::softmax}) {
    TreeOptions options = small_options();
    options.objective = objective;
    BoostedTrees trees = fit_trees(random.view(), nullptr, options, parallel).trees;
    const double first = loss_of(trees, random.view(), objective, parallel);
    MarginModel model(random.columns);
    model.set_trees(trees);
    const std::vector<double> starts = margins_of(model, random.view().evidence, parallel);
    LabelledEvidence continued = random.view();
    continued.starts = starts;
    model.set_trees(fit_trees(continued, nullptr, options, parallel).trees);
    std::vector<double> margins = margins_of(model, random.view().evidence, parallel);
    for (std::size_t i = 0; i < margins.size(); ++i)
      margins[i] += starts[i];
    REQUIRE(mean_loss(objective, random.view(), margins, parallel) < first);
  }
}

TEST_CASE("trees do not depend on the number of threads", "[threads]") {
  const test::RandomEvidence random(4000, 10, 31, true), other(400, 10, 32, true);
  const LabelledEvidence validation = other.view();
  for (const auto objective : {Objective::logistic, Objective::softmax}) {
    TreeOptions options = small_options();
    options.objective = objective;
    std::vector<TreeFit> fits;
    for (const unsigned threads : {1U, 2U, 7U}) {
      Parallel parallel(threads);
      fits.push_back(fit_trees(random.view(), &validation, options, parallel));
      REQUIRE(fits.back().trees == fits.front().trees);
      REQUIRE(fits.back().validation_loss == fits.front().validation_loss);
    }
  }
}

TEST_CASE("evidence that cannot be learnt from is refused") {
  Parallel parallel(1);
  const std::vector<float> values = {1, 2, 3, 4}, infinite = {1, INFINITY, 3, 4}, weights = {1, -1};
  const std::vector<std::uint8_t> targets = {0, 1}, other_targets = {0, 2};
  const std::vector<std::uint64_t> queries = {0, 2}, short_queries = {0, 1};
  const auto fit = [&](const LabelledEvidence& data) { fit_trees(data, nullptr, {}, parallel); };
  REQUIRE_NOTHROW(fit({{values, 2}, targets, {}, {}, queries}));
  REQUIRE_THROWS_AS(fit({{values, 3}, targets, {}, {}, queries}), ConfigError);
  REQUIRE_THROWS_AS(fit({{values, 2}, targets, {}, {}, short_queries}), ConfigError);
  REQUIRE_THROWS_AS(fit({{values, 2}, other_targets, {}, {}, queries}), DataError);
  REQUIRE_THROWS_AS(fit({{values, 2}, targets, weights, {}, queries}), DataError);
  REQUIRE_THROWS_WITH(fit({{infinite, 2}, targets, {}, {}, queries}), "evidence: candidate 0: column 1: infinity");
}
