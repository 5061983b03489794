#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "xmr/evaluate/counted.hpp"
#include "xmr/evaluate/details.hpp"
#include "xmr/evaluate/score.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/plain_metrics.hpp"

using namespace xmr;
using xmr::test::PlainGrades;

namespace {

constexpr std::uint32_t kGradedLabels = 12;

CsrMatrix graded_truth(const std::vector<PlainGrades>& rows) {
  CsrMatrix y(kGradedLabels);
  for (const PlainGrades& row : rows) {
    for (const auto& [label, weight] : row.weights)
      y.push(label, static_cast<float>(weight));
    y.end_row();
  }
  return y;
}

CsrMatrix graded_answers(const std::vector<PlainGrades>& rows) {
  CsrMatrix p(kGradedLabels);
  for (const PlainGrades& row : rows) {
    for (const std::uint32_t label : row.ranked)
      p.push(label, 0.5F);
    p.end_row();
  }
  return p;
}

// Weights -1 to 3 with many ties; some rows without truth, some without answers.
std::vector<PlainGrades> random_graded_rows(std::uint64_t seed, std::size_t count) {
  Random random(seed);
  std::vector<PlainGrades> rows(count);
  for (PlainGrades& row : rows) {
    const std::uint64_t judged = random.below(8);
    for (std::uint32_t label = 0; label < kGradedLabels; ++label)
      if (random.below(kGradedLabels) < judged) row.weights[label] = static_cast<double>(random.below(5)) - 1;
    std::vector<std::uint32_t> labels(kGradedLabels);
    for (std::uint32_t label = 0; label < kGradedLabels; ++label)
      labels[label] = label;
    random.shuffle(std::span(labels));
    row.ranked.assign(labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(random.below(kGradedLabels + 1)));
  }
  return rows;
}

double graded_value(const std::vector<PlainGrades>& rows, const std::string& metric) {
  const CsrMatrix truth = graded_truth(rows), ranked = graded_answers(rows);
  Parallel parallel;
  return score_rows(judge(truth, ranked, parallel), parse_metric(metric), {}, parallel).value();
}

// Weights 3, 1, 2 at labels 0, 1, 2; 0 is judged not relevant at label 3. Answers 1, 3, 9, 0.
const std::vector<PlainGrades> kGradedRows{{{{0, 3}, {1, 1}, {2, 2}, {3, 0}}, {1, 3, 9, 0}}};

}  // namespace

TEST_CASE("graded metrics of an example worked by hand") {
  const double second = 1 / std::log2(3.0), third = 0.5, fourth = 1 / std::log2(5.0);
  CHECK(graded_value(kGradedRows, "ndcg-linear@4") == Approx((1 + 3 * fourth) / (3 + 2 * second + third)));
  CHECK(graded_value(kGradedRows, "ndcg-exp@4") == Approx((1 + 7 * fourth) / (7 + 3 * second + third)));
  CHECK(graded_value(kGradedRows, "ndcg-linear@1") == Approx(1.0 / 3));
  CHECK(graded_value(kGradedRows, "ndcg-exp@1") == Approx(1.0 / 7));
  CHECK(graded_value(kGradedRows, "err@4") == Approx(1.0 / 8 + (7.0 / 8) * (7.0 / 8) / 4));
  CHECK(graded_value(kGradedRows, "map@4") == Approx((1.0 + 2.0 / 4) / 3));
  CHECK(graded_value(kGradedRows, "map@3") == Approx(1.0 / 3));
  CHECK(graded_value(kGradedRows, "r-prec@4") == Approx(1.0 / 3));
  CHECK(graded_value(kGradedRows, "r-cap@2") == Approx(1.0 / 2));
  CHECK(graded_value(kGradedRows, "r-cap@4") == Approx(2.0 / 3));
}

TEST_CASE("graded metrics of random rankings are those of the definitions", "[threads]") {
  const auto seed = GENERATE(range(std::uint64_t{0}, std::uint64_t{30}));
  const std::vector<PlainGrades> rows = random_graded_rows(seed, 1 + seed * 7);
  std::vector<double> inverse(kGradedLabels);
  Random random(seed, 1);
  for (double& weight : inverse)
    weight = 1 + 9 * random.uniform();
  const CsrMatrix truth = graded_truth(rows), ranked = graded_answers(rows);
  Parallel parallel(static_cast<unsigned>(1 + seed % 3));
  const Judged judged = judge(truth, ranked, parallel);
  double largest = 0;
  for (const PlainGrades& row : rows)
    for (const auto& [label, weight] : row.weights)
      largest = std::max(largest, weight);
  CHECK(judged.max_weight == static_cast<float>(largest));
  for (const std::uint32_t k : {1U, 2U, 5U, 12U, 1000000U}) {
    const auto value = [&](std::string_view name) {
      return score_rows(judged, parse_metric(fmt::format("{}@{}", name, k)), {inverse}, parallel).value();
    };
    const std::size_t depth = std::min(k, 20U);
    const auto mean_share = [&](auto&& depth_of, auto&& whole_of) {
      return test::plain_mean(rows, [&](const PlainGrades& row) {
        return test::plain_share(row, depth_of(row.relevant()), whole_of(row.relevant()));
      });
    };
    CHECK(value("ndcg-linear") == Approx(test::plain_graded_ndcg(rows, depth, [](double w) { return w; })));
    CHECK(value("ndcg-exp") ==
          Approx(test::plain_graded_ndcg(rows, depth, [](double w) { return std::pow(2, w) - 1; })));
    CHECK(value("err") == Approx(test::plain_err(rows, depth, largest)));
    CHECK(value("map") == Approx(test::plain_map(rows, depth)));
    CHECK(value("psndcg") == Approx(test::plain_psndcg(rows, depth, inverse)));
    CHECK(value("r-cap") == Approx(mean_share([&](std::size_t) { return depth; },
                                              [&](std::size_t relevant) { return std::min(relevant, depth); })));
    CHECK(value("r-prec") == Approx(mean_share([&](std::size_t relevant) { return std::min(relevant, depth); },
                                               [](std::size_t relevant) { return relevant; })));
  }
}

TEST_CASE("with weights of 1, the graded nDCG are nDCG") {
  std::vector<PlainGrades> rows = random_graded_rows(7, 50);
  for (PlainGrades& row : rows)
    for (auto& [label, weight] : row.weights)
      weight = std::min(weight, 1.0);
  CHECK(graded_value(rows, "ndcg-linear@5") == Approx(graded_value(rows, "ndcg@5")));
  CHECK(graded_value(rows, "ndcg-exp@5") == Approx(graded_value(rows, "ndcg@5")));
}

TEST_CASE("graded metrics of weights of any size are finite, and 1 for the best list") {
  const auto weight = GENERATE(1e-45, 1e-30, 0.001, 1.0, 60.0, 2000.0, 3e38);
  const std::vector<PlainGrades> best{{{{0, weight}}, {0}}};
  CHECK(graded_value(best, "ndcg-linear@5") == Approx(1));
  CHECK(graded_value(best, "ndcg-exp@5") == Approx(1));
  const double err = graded_value(best, "err@5");
  CHECK((err >= 0 && err <= 1));
}

TEST_CASE("answers without a judgement are left out, rows without truth are found") {
  const std::vector<PlainGrades> rows{{{{0, 3}, {3, 0}}, {9, 3, 8, 0}}, {{{1, 0}, {2, -1}}, {2, 4}}, {{}, {1}}};
  const CsrMatrix truth = graded_truth(rows);
  const CsrMatrix judged = judged_answers(truth, graded_answers(rows));
  CHECK(std::ranges::equal(judged.view().row(0).indices, std::vector<std::uint32_t>{3, 0}));
  CHECK(std::ranges::equal(judged.view().row(1).indices, std::vector<std::uint32_t>{2}));
  CHECK(judged.view().row(2).size() == 0);
  CHECK(rows_with_truth(truth) == std::vector<Row>{0});
}

TEST_CASE("details are the values of single rows and labels") {
  const std::vector<PlainGrades> rows{{{{0, 3}, {1, 1}}, {1, 4}}, {{}, {4}}};
  const CsrMatrix truth = graded_truth(rows), ranked = graded_answers(rows);
  Parallel parallel;
  const Judged judged = judge(truth, ranked, parallel);
  const std::vector<Metric> metrics =
      parse_metrics(std::vector<std::string>{"p@1", "macro-p@2", "micro-f1@2", "coverage@1"});
  const auto row_name = [](Row row) { return fmt::format("q{}", row); };
  const auto label_name = [](LabelId label) { return fmt::format("l{}", label); };
  CHECK(row_details_header(metrics) == "predictions\trow\trelevant\tanswers\tp@1\tmicro-f1@2\n");
  CHECK(row_details({"f", judged}, metrics, {}, row_name, parallel) == "f\tq0\t2\t2\t1\t0.5\nf\tq1\t0\t1\t0\t0\n");
  CHECK(label_details_header(metrics) == "predictions\tlabel\trows\tmacro-p@2\tcoverage@1\n");
  CHECK(label_details({"f", judged}, metrics, label_name) == "f\tl0\t1\t0\t0\nf\tl1\t1\t1\t1\nf\tl4\t0\t0\t0\n");
}
