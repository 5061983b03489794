#include "xmr/boost/margin_model.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "xmr/boost/logistic_fit.hpp"
#include "xmr/boost/tree_fit.hpp"
#include "xmr/util/error.hpp"

#include "support/allocations.hpp"
#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/random_evidence.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

namespace {

MarginModel fitted_model(const test::RandomEvidence& random) {
  Parallel parallel;
  TreeOptions options;
  options.trees = 3;
  options.limits.least_candidates = 5;
  options.limits.leaves = 4;
  MarginModel model(random.columns);
  model.set_logistic(fit_logistic(random.view(), {}, parallel));
  model.set_trees(fit_trees(random.view(), nullptr, options, parallel).trees);
  model.set_calibration({1.5, 0.25});
  return model;
}

void write(const MarginModel& model, const std::string& path) {
  NpzWriter out(path);
  model.write(out, "second/");
  out.commit({"test", 1, {}});
}

double loss_of(const MarginModel& model, const LabelledEvidence& data, Parallel& parallel) {
  return mean_loss(Objective::logistic, data, margins_of(model, data.evidence, parallel), parallel);
}

}  // namespace

TEST_CASE("a model of margins comes back from its file") {
  const test::TemporaryDirectory folder;
  const test::RandomEvidence random(100, 6, 1);
  const MarginModel model = fitted_model(random);
  write(model, folder / "model.npz");
  CHECK(MarginModel::read(NpzFile(folder / "model.npz"), "second/", random.columns) == model);
  const MarginModel empty(2);
  write(empty, folder / "empty.npz");
  CHECK(MarginModel::read(NpzFile(folder / "empty.npz"), "second/", 2) == empty);
}

TEST_CASE("a file of margins that leads outside is refused") {
  const test::TemporaryDirectory folder;
  const auto attempt = [&](std::vector<std::uint32_t> offsets, std::vector<std::uint32_t> columns,
                           std::vector<float> thresholds, std::vector<std::uint32_t> kept, std::size_t values,
                           std::vector<double> weights = {0}, std::vector<double> calibration = {}) {
    NpzWriter out(folder / "forged.npz");
    out.add("logistic/weights", weights);
    out.add("trees/offsets", offsets);
    out.add("trees/columns", columns);
    out.add("trees/thresholds", thresholds);
    out.add("trees/kept", kept);
    out.add("trees/values", std::vector<float>(values));
    out.add("calibration", calibration);
    out.commit({"test", 1, {}});
    MarginModel::read(NpzFile(folder / "forged.npz"), "", 3);
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK_NOTHROW(attempt({0, 1}, {2}, {0.5}, {2}, kMaxLeaves));
  CHECK_THROWS_AS(attempt({0, 1}, {3}, {0.5}, {2}, kMaxLeaves), FormatError);
  CHECK_THROWS_AS(attempt({0, 1}, {2}, {nan}, {2}, kMaxLeaves), FormatError);
  CHECK_THROWS_AS(attempt({0, 1}, {2}, {0.5}, {5}, kMaxLeaves), FormatError);
  CHECK_THROWS_AS(attempt({0, 1}, {2}, {0.5}, {2}, kMaxLeaves - 1), FormatError);
  CHECK_THROWS_AS(attempt({0, 2}, {2}, {0.5}, {2}, kMaxLeaves), FormatError);
  CHECK_THROWS_AS(attempt({1, 1}, {2}, {0.5}, {2}, kMaxLeaves), FormatError);
  CHECK_THROWS_AS(attempt({}, {}, {}, {}, 0), FormatError);
  CHECK_THROWS_AS(attempt({0, 1}, {2}, {0.5}, {2, 2}, kMaxLeaves), FormatError);
  CHECK_THROWS_AS(attempt({0, 32}, std::vector<std::uint32_t>(32), std::vector<float>(32),
                          std::vector<std::uint32_t>(32, ~0U), kMaxLeaves),
                  FormatError);
  CHECK_NOTHROW(attempt({0}, {}, {}, {}, 0, {0, 1, 2, 3, 4, 5}));
  CHECK_THROWS_AS(attempt({0}, {}, {}, {}, 0, {0, 0, 2, 3, 4, 5}), FormatError);
  CHECK_THROWS_AS(attempt({0}, {}, {}, {}, 0, {0, 1, 2, 3, 4}), FormatError);
  CHECK_THROWS_AS(attempt({0}, {}, {}, {}, 0, {0, 1, 2, 3, 4, std::nan("")}), FormatError);
  CHECK_THROWS_AS(attempt({0}, {}, {}, {}, 0, std::vector<double>(21, 1)), FormatError);
  CHECK_NOTHROW(attempt({0}, {}, {}, {}, 0, {0}, {2, -1}));
  CHECK_THROWS_AS(attempt({0}, {}, {}, {}, 0, {0}, {0, 1}), FormatError);
  CHECK_THROWS_AS(attempt({0}, {}, {}, {}, 0, {0}, {1, std::nan("")}), FormatError);
  CHECK_THROWS_AS(attempt({0}, {}, {}, {}, 0, {0}, {1}), FormatError);
}

TEST_CASE("a damaged file of margins is refused, or its model can be asked") {
  const test::TemporaryDirectory folder;
  const test::RandomEvidence random(60, 3, 2);
  write(fitted_model(random), folder / "model.npz");
  const std::string whole(MappedFile(folder / "model.npz").bytes());
  test::Damage damage("margins", whole);
  damage.change({0x01, 0x80}, [&](const std::string& bytes) {
    OutputFile out(folder / "damaged.npz");
    out.write(bytes);
    out.commit();
    const MarginModel model = MarginModel::read(NpzFile(folder / "damaged.npz"), "second/", random.columns);
    std::vector<double> margins(random.targets.size());
    MarginScorer scorer(model);
    scorer(random.view().evidence, margins);
  });
}

TEST_CASE("margins of many candidates have the bits of those of one") {
  const test::RandomEvidence random(200, 9, 8);  // numbers up to 1e8, some missing
  Parallel parallel;
  MarginModel model(random.columns);
  for (const bool is_fitted : {false, true}) {
    if (is_fitted) model.set_logistic(fit_logistic(random.view(), {}, parallel));
    const std::vector<double> margins = margins_of(model, random.view().evidence, parallel);
    REQUIRE(margins.size() % kTileCandidates != 0);
    for (std::size_t i = 0; i < margins.size(); ++i)
      CHECK(margins[i] == model.logistic().margin(random.view().evidence.row(i)));
  }
}

TEST_CASE("a scorer of margins allocates nothing") {
  const test::RandomEvidence random(100, 6, 3);
  const MarginModel model = fitted_model(random);
  std::vector<double> margins(random.targets.size());
  MarginScorer scorer(model);
  const std::size_t before = test::allocations;
  scorer(random.view().evidence, margins);
  CHECK(test::allocations == before);
}

TEST_CASE("logistic weights lower the loss to where every derivative is 0") {
  const test::RandomEvidence random(300, 5, 4, true);
  const LabelledEvidence data = random.view();
  Parallel parallel;
  MarginModel model(random.columns);
  const double before = loss_of(model, data, parallel);
  const LogisticWeights weights = fit_logistic(data, {0.01}, parallel);
  model.set_logistic(weights);
  const double reached = loss_of(model, data, parallel);
  CHECK(reached < 0.9 * before);
  for (std::size_t column = 0; column < random.columns; ++column) {
    for (double ColumnWeights::*weight : {&ColumnWeights::linear, &ColumnWeights::bounded, &ColumnWeights::missing})
      for (const double change : {-0.3, 0.3}) {
        LogisticWeights changed = weights;
        changed.of_columns[column].*weight += change;
        model.set_logistic(changed);
        CHECK(loss_of(model, data, parallel) > reached - 1e-5);
      }
  }
}

TEST_CASE("a ridge shrinks logistic weights towards the starts") {
  const test::RandomEvidence random(300, 5, 5);
  Parallel parallel;
  MarginModel model(random.columns);
  model.set_logistic(fit_logistic(random.view(), {}, parallel));
  const std::vector<double> starts = margins_of(model, random.view().evidence, parallel);
  LabelledEvidence data = random.view();
  data.starts = starts;
  const LogisticWeights correction = fit_logistic(data, {1e6}, parallel);
  for (const ColumnWeights& column : correction.of_columns)
    CHECK(std::fabs(column.linear) + std::fabs(column.bounded) + std::fabs(column.missing) < 1e-3);
  CHECK_THROWS_AS(fit_logistic(data, {0}, parallel), ConfigError);
}

TEST_CASE("a ridge shrinks logistic weights towards a prior") {
  const test::RandomEvidence random(300, 5, 5), other(300, 5, 6);
  Parallel parallel;
  const LogisticWeights prior = fit_logistic(other.view(), {}, parallel);
  const LogisticWeights near = fit_logistic(random.view(), {.ridge = 1e6, .prior = &prior}, parallel);
  const LogisticWeights free = fit_logistic(random.view(), {.ridge = 1e-3, .prior = &prior}, parallel);
  double moved = 0;
  for (std::size_t column = 0; column < prior.columns(); ++column) {
    const ColumnWeights &a = near.of_columns[column], &b = prior.of_columns[column];
    CHECK(std::fabs(a.linear - b.linear) + std::fabs(a.bounded - b.bounded) + std::fabs(a.missing - b.missing) < 1e-2);
    CHECK(a.center == b.center);
    CHECK(a.scale == b.scale);
    moved += std::fabs(free.of_columns[column].linear - b.linear);
  }
  CHECK(moved > 1e-2);
  const LogisticWeights narrow;
  CHECK_THROWS_AS(fit_logistic(random.view(), {.prior = &narrow}, parallel), ConfigError);
}

TEST_CASE("logistic weights do not depend on the number of threads", "[threads]") {
  const test::RandomEvidence random(2000, 5, 6, true);
  Parallel one(1), seven(7);
  CHECK(fit_logistic(random.view(), {}, one) == fit_logistic(random.view(), {}, seven));
}

TEST_CASE("a part with more columns than its model is refused") {
  const test::RandomEvidence random(50, 6, 7);
  const MarginModel model = fitted_model(random);
  MarginModel narrow(2);
  CHECK_THROWS_AS(narrow.set_logistic(model.logistic()), ConfigError);
}
