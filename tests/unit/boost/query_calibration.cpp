#include "xmr/boost/query_calibration.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "xmr/boost/margin_model.hpp"
#include "xmr/boost/slopes.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/random_evidence.hpp"

using namespace xmr;

namespace {

// One number as a margin: missing numbers are 0.
std::vector<double> margins_by(const test::RandomEvidence& random) {
  std::vector<double> margins;
  for (std::size_t i = 0; i < random.targets.size(); ++i)
    margins.push_back(static_cast<double>(random.values[i * random.columns]) * 3);
  return margins;
}

std::vector<double> calibrated(const QueryCalibration& calibration, std::vector<double> margins,
                               const LabelledEvidence& data) {
  for (std::size_t query = 0; query < data.number_of_queries(); ++query)
    calibration.apply(std::span(margins).subspan(data.queries[query], data.queries[query + 1] - data.queries[query]));
  return margins;
}

}  // namespace

TEST_CASE("margins become the log-odds of a query's softmax") {
  std::vector<double> margins = {1, -2, 0.5, 0.5};
  const std::vector<double> given = margins;
  QueryCalibration{2, 3}.apply(margins);
  for (std::size_t i = 0; i < given.size(); ++i) {
    double others = 0;
    for (std::size_t j = 0; j < given.size(); ++j)
      others += i == j ? 0 : std::exp(given[j]);
    CHECK(margins[i] == Approx(2 * (given[i] - std::log(others)) + 3).epsilon(1e-5));
  }
}

TEST_CASE("log-odds keep the ranks and stay finite") {
  for (std::vector<double> margins : {std::vector<double>{5}, {500, -500}, {0, 0}, {40, 39, -80, 2}}) {
    const std::vector<double> given = margins;
    QueryCalibration{}.apply(margins);
    for (std::size_t i = 0; i < given.size(); ++i) {
      CHECK(std::isfinite(margins[i]));
      for (std::size_t j = 0; j < given.size(); ++j)
        CHECK((margins[i] < margins[j]) == (given[i] < given[j]));
    }
  }
  std::vector<double> none;
  QueryCalibration{}.apply(none);
}

TEST_CASE("a fitted calibration has the lowest logistic loss") {
  const test::RandomEvidence random(800, 2, 41, true);
  const LabelledEvidence data = random.view();
  const std::vector<double> margins = margins_by(random);
  Parallel parallel;
  const QueryCalibration fit = fit_query_calibration(data, margins);
  const auto loss = [&](double factor, double constant) {
    return mean_loss(Objective::logistic, data, calibrated({factor, constant}, margins, data), parallel);
  };
  const double reached = loss(fit.factor, fit.constant);
  for (const double change : {-0.05, 0.05}) {
    CHECK(loss(fit.factor + change, fit.constant) > reached);
    CHECK(loss(fit.factor, fit.constant + change) > reached);
  }
}

TEST_CASE("margins that rank the wrong way keep their factor") {
  const test::RandomEvidence random(300, 2, 42);
  std::vector<double> margins = margins_by(random);
  for (double& margin : margins)
    margin = -margin;
  CHECK(fit_query_calibration(random.view(), margins).factor == 1);
  margins.pop_back();
  CHECK_THROWS_AS(fit_query_calibration(random.view(), margins), ConfigError);
}

TEST_CASE("a scorer applies the model's calibration to a query") {
  const test::RandomEvidence random(30, 3, 43);
  MarginModel model(random.columns);
  LogisticWeights weights;
  weights.of_columns = {{0, 1, 1, 0, 0}};
  model.set_logistic(weights);
  MarginScorer scorer(model);
  std::vector<double> plain(random.targets.size()), found(plain.size());
  scorer(random.view().evidence, plain);
  const QueryCalibration calibration{0.7, -1};
  model.set_calibration(calibration);
  scorer(random.view().evidence, found);
  calibration.apply(plain);
  CHECK(found == plain);
}
