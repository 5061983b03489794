#include "xmr/combine/fusion_fit.hpp"

#include <cmath>

#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

constexpr std::uint32_t kFusedLabels = 40;

// Two lists a row: the first holds the relevant label nearly always, the second is chance.
struct FusedSample {
  CsrMatrix truth{kFusedLabels}, good{kFusedLabels}, bad{kFusedLabels};

  explicit FusedSample(std::uint64_t seed, Row rows = 1000) {
    Random random(seed);
    for (Row row = 0; row < rows; ++row) {
      const auto relevant = static_cast<LabelId>(random.below(kFusedLabels));
      truth.push(relevant, 1);
      truth.end_row();
      add(good, random, random.below(10) < 8 ? relevant : (relevant + 1) % kFusedLabels);
      add(bad, random, static_cast<LabelId>(random.below(kFusedLabels)));
    }
  }
  static void add(CsrMatrix& list, Random& random, LabelId first) {
    for (std::uint32_t i = 0; i < 5; ++i)
      list.push((first + i * 7) % kFusedLabels, static_cast<float>(1.0 / (i + 1) * (0.5 + random.uniform() / 4)));
    list.end_row();
  }
};

double share_of_hits(const FusedSample& sample, Fusion fuse) {
  double hits = 0;
  for (Row row = 0; row < sample.truth.rows(); ++row) {
    const SparseRow ranked = fuse(std::array{sample.good.view().row(row), sample.bad.view().row(row)});
    hits += ranked.indices[0] == sample.truth.view().row(row).indices[0] ? 1 : 0;
  }
  return hits / static_cast<double>(sample.truth.rows());
}

}  // namespace

TEST_CASE("fitted weights believe the list that is right") {
  const FusedSample train(1), test(2);
  Parallel parallel;
  const FusionWeights weights = fit_fusion(std::array{train.good.view(), train.bad.view()}, train.truth, parallel);
  REQUIRE(weights.values.size() == evidence_of(2));
  for (const double value : weights.values)
    CHECK(std::isfinite(value));
  const double fitted = share_of_hits(test, Fusion(weights, 1));
  CHECK(fitted >= 0.76);
  CHECK(fitted > share_of_hits(test, Fusion(FusionMethod::average, 2, 1)));
}

TEST_CASE("fitted weights do not depend on the number of threads", "[threads]") {
  const FusedSample sample(3);
  const std::array lists = {sample.good.view(), sample.bad.view()};
  Parallel one(1), seven(7);
  CHECK(fit_fusion(lists, sample.truth, one).values == fit_fusion(lists, sample.truth, seven).values);
}

TEST_CASE("weights that the rows say nothing about stay 0") {
  const FusedSample sample(4);
  CsrMatrix empty(kFusedLabels);
  for (Row row = 0; row < sample.truth.rows(); ++row)
    empty.end_row();
  Parallel parallel;
  const FusionWeights weights = fit_fusion(std::array{sample.good.view(), empty.view()}, sample.truth, parallel);
  for (std::size_t i = kListEvidence; i + 1 < weights.values.size(); ++i)
    CHECK(weights.values[i] == 0);
}

TEST_CASE("lists of another shape and lists without a relevant label are refused") {
  const FusedSample sample(5, 10), longer(5, 11);
  Parallel parallel;
  CHECK_THROWS_WITH(fit_fusion(std::array{sample.good.view()}, longer.truth, parallel),
                    "predictions of 10 rows and 40 labels, the truth has 11 and 40");
  CsrMatrix nothing(kFusedLabels);
  for (Row row = 0; row < 10; ++row)
    nothing.end_row();
  CHECK_THROWS_WITH(fit_fusion(std::array{sample.good.view()}, nothing, parallel), "no list holds a relevant label");
}
