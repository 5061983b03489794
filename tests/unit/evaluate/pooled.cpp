#include "xmr/evaluate/pooled.hpp"

#include <cmath>

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
  double operator()(Measure measure, std::uint32_t k = 5) {
    const Judged judged = judge(truth, ranked, parallel);
    const Metric metric{measure, k};
    return metric.is_pooled() ? score_pooled(judged, metric) : score_rows(judged, metric, {}, parallel).value();
  }
};

}  // namespace

TEST_CASE("micro and macro metrics of an example worked by hand") {
  Example example;
  CHECK(example(Measure::micro_precision) == Approx(2.0 / 3));
  CHECK(example(Measure::micro_precision, 1) == Approx(1));
  CHECK(example(Measure::micro_recall) == Approx(2.0 / 4));
  CHECK(example(Measure::micro_f1) == Approx(4.0 / 7));
  // Labels 0, 1 and 3 are relevant to some row.
  CHECK(example(Measure::macro_precision) == Approx((1.0 + 1 + 0) / 3));
  CHECK(example(Measure::macro_recall) == Approx((1.0 + 0.5 + 0) / 3));
  CHECK(example(Measure::macro_f1) == Approx((1.0 + 2.0 / 3 + 0) / 3));
}

TEST_CASE("log loss and calibration error of an example worked by hand") {
  Example example;
  CHECK(example(Measure::log_loss) == Approx(-(std::log(0.9) + std::log(0.6) + std::log(0.8)) / 3));
  // Each answer stands alone in its part.
  CHECK(example(Measure::ece) == Approx((0.1 + 0.4 + 0.2) / 3));
}

TEST_CASE("metrics of probabilities refuse other scores") {
  Example example;
  example.ranked.mutable_values()[1] = -3;
  for (const Measure measure : {Measure::log_loss, Measure::ece})
    CHECK_THROWS_WITH(example(measure), "logloss and ece: of probabilities in 0..1, but a score is -3");
}
