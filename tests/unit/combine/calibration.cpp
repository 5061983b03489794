#include "xmr/combine/calibration.hpp"

#include <vector>

#include "xmr/combine/calibration_fit.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

namespace {

constexpr std::uint32_t kLabels = 10;

// An answer with score s is relevant with probability s².
struct Sample {
  CsrMatrix truth{kLabels}, ranked{kLabels};

  explicit Sample(std::uint64_t seed, Row rows = 4000) {
    Random random(seed);
    for (Row row = 0; row < rows; ++row) {
      double score = 1;
      for (LabelId label = 0; label < 5; ++label) {
        score *= random.uniform();
        ranked.push(label, static_cast<float>(score));
        if (random.uniform() < score * score) truth.push(label, 1);
      }
      ranked.end_row();
      truth.end_row();
    }
  }
};

}  // namespace

TEST_CASE("a calibration is linear between its knots and constant beyond them") {
  const Calibration calibration({-2, 0, 4}, {0.1F, 0.5F, 0.7F});
  CHECK(calibration(-3) == 0.1F);
  CHECK(calibration(-2) == 0.1F);
  CHECK(calibration(-1) == Approx(0.3));
  CHECK(calibration(0) == 0.5F);
  CHECK(calibration(3) == Approx(0.65));
  CHECK(calibration(4) == 0.7F);
  CHECK(calibration(1e30F) == 0.7F);
}

TEST_CASE("a fitted calibration comes near the true probabilities and never falls") {
  const Sample sample(1);
  const Calibration calibration = fit_calibration(sample.ranked, sample.truth);
  float before = 0;
  for (int i = 0; i <= 1000; ++i) {
    const float score = static_cast<float>(i) / 1000, probability = calibration(score);
    CHECK(probability >= before);
    before = probability;
    if (i % 100 == 0) CHECK(probability == Approx(score * score).margin(0.08));
  }
  CHECK(calibration.thresholds().empty());
}

TEST_CASE("scores that tell nothing get the share of relevant answers") {
  CsrMatrix truth(kLabels), ranked(kLabels);
  for (Row row = 0; row < 400; ++row) {
    ranked.push(1, 0.5F);
    ranked.end_row();
    if (row % 4 == 0) truth.push(1, 1);
    truth.end_row();
  }
  CHECK(fit_calibration(ranked, truth)(0.5F) == Approx(0.25).epsilon(0.01));
}

TEST_CASE("thresholds are one for micro-F1, and each frequent label's own for macro-F1") {
  // Label 0 is right from 0.6 on, label 1 from 0.3 on; label 2 has one row.
  CsrMatrix truth(kLabels), ranked(kLabels);
  for (Row row = 0; row < 600; ++row) {
    const float score = static_cast<float>(row) / 600;
    ranked.push(0, score);
    ranked.push(1, score);
    ranked.end_row();
    if (score >= 0.6F) truth.push(0, 1);
    if (score >= 0.3F) truth.push(1, 1);
    if (row == 0) truth.push(2, 1);
    truth.end_row();
  }
  const Calibration micro = fit_calibration(ranked, truth, F1Goal::micro);
  REQUIRE(micro.thresholds().size() == kLabels);
  for (const float threshold : micro.thresholds())
    CHECK(threshold == micro.thresholds()[0]);
  const Calibration macro = fit_calibration(ranked, truth, F1Goal::macro);
  CHECK(macro(0.62F) >= macro.thresholds()[0]);
  CHECK(macro(0.55F) < macro.thresholds()[0]);
  CHECK(macro(0.35F) >= macro.thresholds()[1]);
  CHECK(macro(0.2F) < macro.thresholds()[1]);
  CHECK(macro.thresholds()[2] == macro.thresholds()[3]);
}

TEST_CASE("a calibration is read back from its file and from a model") {
  const test::TemporaryDirectory folder;
  const Calibration calibration = fit_calibration(Sample(2).ranked, Sample(2).truth, F1Goal::macro);
  calibration.write(folder / "c.npz");
  {
    NpzWriter model(folder / "m.npz");
    model.add("weights", std::vector<float>{1, 2});
    model.commit({"model", 1, Json{{"type", "any"}}});
  }
  const NpzFile model(folder / "m.npz");
  CHECK_FALSE(Calibration::find(model));
  calibration.write_into(model, folder / "both.npz");
  const NpzFile both(folder / "both.npz");
  CHECK(both.meta().content == model.meta().content);
  CHECK(both.array<float>("weights")[1] == 2);
  for (const char* name : {"c.npz", "both.npz"}) {
    const Calibration read = Calibration::read(NpzFile(folder / name));
    CHECK(read.fingerprint() == calibration.fingerprint());
    CHECK_NOTHROW(read.require_labels(kLabels, name));
    CHECK_THROWS_WITH(read.require_labels(11, name), std::string(name) + ": thresholds of 10 labels, 11 are needed");
  }
  CHECK_THROWS_AS(calibration.write_into(both, folder / "twice.npz"), DataError);
}

TEST_CASE("a calibration that falls, or has no knots, is refused") {
  const test::TemporaryDirectory folder;
  const auto refused = [&](std::vector<float> scores, std::vector<float> probabilities) {
    {
      NpzWriter writer(folder / "c.npz");
      writer.add("calibration/scores", scores);
      writer.add("calibration/probabilities", probabilities);
      writer.commit({"calibration", 1, {}});
    }
    CHECK_THROWS_AS(Calibration::read(NpzFile(folder / "c.npz")), FormatError);
  };
  refused({}, {});
  refused({1, 2}, {0.5F});
  refused({1, 1}, {0.5F, 0.5F});
  refused({2, 1}, {0.5F, 0.5F});
  refused({1, 2}, {0.5F, 0.4F});
  refused({1, 2}, {0.5F, 1.5F});
  refused({1, std::numeric_limits<float>::infinity()}, {0.5F, 1});
  refused({1, 2}, {std::numeric_limits<float>::quiet_NaN(), 1});
}

TEST_CASE("nothing can be fitted where no answer is relevant") {
  CsrMatrix truth(kLabels), ranked(kLabels);
  ranked.push(1, 0.5F);
  ranked.end_row();
  truth.end_row();
  CHECK_THROWS_AS(fit_calibration(ranked, truth), DataError);
  truth.end_row();
  CHECK_THROWS_AS(fit_calibration(ranked, truth), DataError);
}
