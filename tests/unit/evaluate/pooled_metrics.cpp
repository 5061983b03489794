#include <cmath>

#include "xmr/evaluate/score.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

// Row 0: relevant 0, 1; answers 0 (0.9), 2 (0.4). Row 1: relevant 1; answers 1 (0.8). Row 2: relevant 3; none.
struct Example {
  CsrMatrix truth{4}, ranked{4};
  Parallel parallel;

  Example() {
    truth.push(0, 1);
    truth.push(1, 1);
    truth.end_row();
    truth.push(1, 1);
    truth.end_row();
    truth.push(3, 1);
    truth.end_row();
    ranked.push(0, 0.9F);
    ranked.push(2, 0.4F);
    ranked.end_row();
    ranked.push(1, 0.8F);
    ranked.end_row();
    ranked.end_row();
  }
  double operator()(std::string_view word) {
    const Judged judged = judge(truth, ranked, parallel);
    const Metric metric = parse_metric(word);
    return metric.is_pooled() ? score_pooled(judged, metric) : score_rows(judged, metric, {}, parallel).value();
  }
};

}  // namespace

TEST_CASE("micro and macro metrics of an example worked by hand") {
  Example example;
  CHECK(example("micro-p@5") == Approx(2.0 / 3));
  CHECK(example("micro-p@1") == Approx(1));
  CHECK(example("micro-r@5") == Approx(2.0 / 4));
  CHECK(example("micro-f1@5") == Approx(4.0 / 7));
  // Labels 0, 1 and 3 are relevant to some row.
  CHECK(example("macro-p@5") == Approx((1.0 + 1 + 0) / 3));
  CHECK(example("macro-r@5") == Approx((1.0 + 0.5 + 0) / 3));
  CHECK(example("macro-f1@5") == Approx((1.0 + 2.0 / 3 + 0) / 3));
}

TEST_CASE("log loss and calibration error of an example worked by hand") {
  Example example;
  CHECK(example("logloss@5") == Approx(-(std::log(0.9) + std::log(0.6) + std::log(0.8)) / 3));
  // Each answer stands alone in its part.
  CHECK(example("ece@5") == Approx((0.1 + 0.4 + 0.2) / 3));
}

TEST_CASE("metrics of probabilities refuse other scores") {
  Example example;
  example.ranked.mutable_values()[1] = -3;
  for (const std::string word : {"logloss@5", "ece@5"})
    CHECK_THROWS_WITH(example(word), word + ": the score -3 is outside 0..1");
}
