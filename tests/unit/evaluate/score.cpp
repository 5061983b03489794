#include "xmr/evaluate/score.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "xmr/evaluate/bootstrap.hpp"
#include "xmr/evaluate/propensity.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/plain_metrics.hpp"

using namespace xmr;
using xmr::test::PlainRow;

namespace {

constexpr std::uint32_t kLabels = 12;

CsrMatrix truth_of(const std::vector<PlainRow>& rows) {
  CsrMatrix y(kLabels);
  for (const PlainRow& row : rows) {
    for (const std::uint32_t label : row.truth)
      y.push(label, 1);
    y.end_row();
  }
  return y;
}

CsrMatrix ranked_of(const std::vector<PlainRow>& rows) {
  CsrMatrix p(kLabels);
  for (const PlainRow& row : rows) {
    for (const std::uint32_t label : row.ranked)
      p.push(label, 0.5F);
    p.end_row();
  }
  return p;
}

// Some rows without truth, some without answers, lists of any length.
std::vector<PlainRow> random_rows(std::uint64_t seed, std::size_t count) {
  Random random(seed);
  std::vector<PlainRow> rows(count);
  for (PlainRow& row : rows) {
    std::vector<std::uint32_t> labels(kLabels);
    for (std::uint32_t l = 0; l < kLabels; ++l)
      labels[l] = l;
    random.shuffle(std::span(labels));
    row.truth.insert(labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(random.below(6)));
    random.shuffle(std::span(labels));
    row.ranked.assign(labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(random.below(kLabels + 1)));
  }
  return rows;
}

double value_of(const std::vector<PlainRow>& rows, Metric metric, std::span<const double> inverse = {}) {
  const CsrMatrix truth = truth_of(rows), ranked = ranked_of(rows);
  Parallel parallel;
  return score_rows(judge(truth, ranked, parallel), metric, {inverse}, parallel).value();
}

// Worked by hand: hits at places 1 and 3 of {1, 4, 2}; at place 2 of {7}; nothing known; no answer.
const std::vector<PlainRow> kRows{{{1, 2, 3}, {1, 4, 2}}, {{5}, {7, 5}}, {{}, {0, 1, 2}}, {{6, 8}, {}}};

}  // namespace

TEST_CASE("metrics of an example worked by hand") {
  CHECK(value_of(kRows, parse_metric("p@1")) == Approx(1.0 / 4));
  CHECK(value_of(kRows, parse_metric("p@3")) == Approx((2.0 / 3 + 1.0 / 3) / 4));
  CHECK(value_of(kRows, parse_metric("p@5")) == Approx((2.0 / 5 + 1.0 / 5) / 4));
  CHECK(value_of(kRows, parse_metric("r@1")) == Approx((1.0 / 3) / 4));
  CHECK(value_of(kRows, parse_metric("r@10")) == Approx((2.0 / 3 + 1.0) / 4));
  CHECK(value_of(kRows, parse_metric("mrr@1")) == Approx(1.0 / 4));
  CHECK(value_of(kRows, parse_metric("mrr@10")) == Approx((1.0 + 0.5) / 4));
  const double third = 1 / std::log2(4.0), second = 1 / std::log2(3.0);
  CHECK(value_of(kRows, parse_metric("ndcg@3")) == Approx(((1 + third) / (1 + second + third) + second) / 4));
  CHECK(value_of(kRows, parse_metric("ndcg@2")) == Approx((1 / (1 + second) + second) / 4));
  // Labels 1, 2, 3, 5, 6, 8 are asked for; 1, 2, 5 are found.
  const CsrMatrix truth = truth_of(kRows), ranked = ranked_of(kRows);
  Parallel parallel;
  const Judged judged = judge(truth, ranked, parallel);
  CHECK(score_pooled(judged, parse_metric("coverage@3")) == Approx(3.0 / 6));
  CHECK(score_pooled(judged, parse_metric("coverage@1")) == Approx(1.0 / 6));
  // Hits on 1, 2, 5 weigh 2, 4, 1; the best lists of three weigh 2 + 4 + 1, 1 and 8 + 1.
  std::vector<double> inverse(kLabels, 1.0);
  inverse[1] = 2;
  inverse[2] = 4;
  inverse[6] = 8;
  CHECK(value_of(kRows, parse_metric("psp@3"), inverse) == Approx((2.0 + 4 + 1) / (7 + 1 + 9)));
  CHECK(value_of(kRows, parse_metric("psp@1"), inverse) == Approx(2.0 / (4 + 1 + 8)));
}

TEST_CASE("metrics of random rankings are those of the definitions", "[threads]") {
  const auto seed = GENERATE(range(std::uint64_t{0}, std::uint64_t{30}));
  const std::vector<PlainRow> rows = random_rows(seed, 1 + seed * 7);
  std::vector<double> inverse(kLabels);
  Random random(seed, 1);
  for (double& weight : inverse)
    weight = 1 + 9 * random.uniform();
  const CsrMatrix truth = truth_of(rows), ranked = ranked_of(rows);
  Parallel parallel(static_cast<unsigned>(1 + seed % 3));
  const Judged judged = judge(truth, ranked, parallel);
  for (const std::uint32_t k : {1U, 2U, 5U, 10U, 12U, 1000000U}) {
    const auto metric = [k](std::string_view name) { return parse_metric(fmt::format("{}@{}", name, k)); };
    const auto value = [&](std::string_view name) {
      return score_rows(judged, metric(name), {inverse}, parallel).value();
    };
    const std::size_t depth = std::min(k, 20U);  // nothing happens below; precision alone divides by k
    CHECK(value("p") * k == Approx(test::plain_precision(rows, depth) * static_cast<double>(depth)));
    CHECK(value("r") == Approx(test::plain_recall(rows, depth)));
    CHECK(value("ndcg") == Approx(test::plain_ndcg(rows, depth)));
    CHECK(value("mrr") == Approx(test::plain_mrr(rows, depth)));
    CHECK(value("psp") == Approx(test::plain_psp(rows, depth, inverse)));
    CHECK(score_pooled(judged, metric("coverage")) == Approx(test::plain_coverage(rows, depth)));
  }
}

TEST_CASE("labels of weight 0 or less are not relevant") {
  CsrMatrix truth(3), ranked(3);
  truth.append_row({std::vector<std::uint32_t>{0, 1, 2}, std::vector<float>{-1, 0, 0.5F}});
  ranked.append_row({std::vector<std::uint32_t>{0, 1, 2}, std::vector<float>{3, 2, 1}});
  Parallel parallel;
  const Judged judged = judge(truth, ranked, parallel);
  CHECK(judged.relevant == std::vector<std::uint32_t>{1});
  CHECK(judged.hits == std::vector<std::uint8_t>{0, 0, 1});
  CHECK(score_pooled(judged, parse_metric("coverage@3")) == 1.0);
  const std::vector<double> inverse(3, 2.0);
  CHECK(score_rows(judged, parse_metric("psp@3"), {inverse}, parallel).value() == 1.0);
}

TEST_CASE("propensities are those of Jain et al.") {
  // 100 rows; label 0 in 60 of them, label 1 in one, label 2 in none, label 3 with a weight of 0 only.
  CsrMatrix train(4);
  for (int r = 0; r < 100; ++r) {
    if (r < 60) train.push(0, 2);
    if (r == 70) train.push(1, 1);
    if (r == 80) train.push(3, 0);
    train.end_row();
  }
  const PropensityModel model = GENERATE(PropensityModel{}, PropensityModel{0.6, 2.6});
  const std::vector<double> inverse = inverse_propensities(train, model);
  const std::vector<double> rows_of{60, 1, 0, 0};
  for (std::size_t label = 0; label < 4; ++label)
    CHECK(inverse[label] == Approx(test::plain_inverse_propensity(100, rows_of[label], model.a, model.b)));
}

TEST_CASE("a propensity of tiny training sets stays within 0..1") {
  CsrMatrix train(1);
  train.push(0, 1);
  train.end_row();
  CHECK(inverse_propensities(train, {}) == std::vector<double>{1.0});
}

TEST_CASE("shapes and propensities that do not fit are refused") {
  Parallel parallel;
  CsrMatrix one(kLabels), other(kLabels + 1);
  one.end_row();
  CHECK_THROWS_AS(judge(one, CsrMatrix(kLabels), parallel), DataError);
  other.end_row();
  CHECK_THROWS_AS(judge(one, other, parallel), DataError);
  const Judged judged = judge(one, one, parallel);
  CHECK_THROWS_AS(score_rows(judged, parse_metric("psp@1"), {}, parallel), ConfigError);
  CHECK_THROWS_AS(score_rows(judged, parse_metric("coverage@1"), {}, parallel), ConfigError);
}

TEST_CASE("a bootstrap interval surrounds the value as the normal approximation says") {
  // 400 rows, 30 % gain 1: the standard error is sqrt(0.3 × 0.7 / 400) = 0.0229.
  RowScores scores;
  for (int r = 0; r < 400; ++r)
    scores.gained.push_back(r % 10 < 3 ? 1 : 0);
  Parallel parallel;
  const Interval interval = bootstrap_interval(scores, {2000, 1}, parallel);
  CHECK(interval.low == Approx(0.3 - 1.96 * 0.0229).margin(0.0075));
  CHECK(interval.high == Approx(0.3 + 1.96 * 0.0229).margin(0.0075));
}

TEST_CASE("bootstrap intervals depend on the seed, not on the number of threads", "[threads]") {
  const std::vector<PlainRow> rows = random_rows(3, 200);
  const CsrMatrix truth = truth_of(rows), ranked = ranked_of(rows);
  const std::vector<double> inverse(kLabels, 3.0);
  const auto interval = [&](unsigned threads, std::uint64_t seed) {
    Parallel parallel(threads);
    const RowScores scores = score_rows(judge(truth, ranked, parallel), parse_metric("psp@5"), {inverse}, parallel);
    const Interval found = bootstrap_interval(scores, {300, seed}, parallel);
    return std::pair(found.low, found.high);
  };
  CHECK(interval(1, 5) == interval(4, 5));
  CHECK(interval(1, 5) != interval(1, 6));
  const double value = value_of(rows, parse_metric("psp@5"), inverse);
  CHECK(interval(1, 5).first < value);
  CHECK(value < interval(1, 5).second);
}

TEST_CASE("one sample is an interval of no width") {
  Parallel parallel;
  const Interval interval = bootstrap_interval({{1, 0, 1}, {}}, {1, 0}, parallel);
  CHECK(interval.low == interval.high);
}

TEST_CASE("a difference is judged on the same rows, in both directions") {
  // 400 rows; ours gains 1 in 30 %, theirs in the same rows without every 20th: the difference is 1.5 points with a
  // standard error of sqrt(0.015 × 0.985 / 400) = 0.0061, far below the error of either value alone.
  RowScores ours, theirs;
  for (int r = 0; r < 400; ++r) {
    ours.gained.push_back(r % 10 < 3 ? 1 : 0);
    theirs.gained.push_back(r % 10 < 3 && r % 60 > 2 ? 1 : 0);
  }
  double gap = 0;
  for (std::size_t r = 0; r < 400; ++r)
    gap += (ours.gained[r] - theirs.gained[r]) / 400;
  Parallel parallel(2);
  const Difference better = bootstrap_difference(ours, theirs, {2000, 1}, parallel);
  CHECK(better.value == Approx(gap));
  CHECK(better.interval.low > 0);
  CHECK(better.interval.low == Approx(gap - 1.96 * std::sqrt(gap * (1 - gap) / 400)).margin(0.005));
  CHECK(better.interval.high == Approx(gap + 1.96 * std::sqrt(gap * (1 - gap) / 400)).margin(0.005));
  CHECK(better.p < 0.01);
  const Difference worse = bootstrap_difference(theirs, ours, {2000, 1}, parallel);
  CHECK(worse.value == -better.value);
  CHECK(worse.interval.low == Approx(-better.interval.high));
  CHECK(worse.p == better.p);
  const Difference none = bootstrap_difference(ours, ours, {2000, 1}, parallel);
  CHECK(none.value == 0);
  CHECK(none.p == 1);
}
