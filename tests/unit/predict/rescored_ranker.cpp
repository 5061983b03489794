#include "xmr/predict/rescored_ranker.hpp"

#include <memory>
#include <vector>

#include "support/catch.hpp"

using namespace xmr;

namespace {

// RescoredAnswers every query with the same list.
class Same final : public Ranker {
 public:
  Same(std::vector<LabelId> labels, std::vector<float> scores)
      : Ranker(6, 4), labels_(std::move(labels)), scores_(std::move(scores)), answers_(6) {}

  CsrView rank(std::span<const Query> queries) override {
    answers_.clear();
    for (std::size_t i = 0; i < queries.size(); ++i)
      answers_.append_row({labels_, scores_});
    return answers_;
  }
  std::size_t query_memory() const override { return 1; }

 private:
  std::vector<LabelId> labels_;
  std::vector<float> scores_;
  CsrMatrix answers_;
};

using RescoredAnswers = std::vector<std::pair<LabelId, float>>;

RescoredAnswers rescored(const Rescoring& rescoring, std::uint32_t k = 4) {
  RescoredRanker ranker(std::make_unique<Same>(std::vector<LabelId>{5, 0, 3, 1}, std::vector<float>{8, 4, 4, 2}),
                        rescoring, k);
  const SparseRow row = ranker({});
  RescoredAnswers answers;
  for (std::size_t i = 0; i < row.size(); ++i)
    answers.emplace_back(row.indices[i], row.values[i]);
  return answers;
}

const Calibration kCalibration({0, 8}, {0, 1});

}  // namespace

TEST_CASE("a calibration changes scores and keeps the order") {
  CHECK(rescored({.calibration = &kCalibration}) == RescoredAnswers{{5, 1}, {0, 0.5F}, {3, 0.5F}, {1, 0.25F}});
}

TEST_CASE("answers under the least score, or under their label's threshold, are left out") {
  CHECK(rescored({.min_score = 4.0F}) == RescoredAnswers{{5, 8}, {0, 4}, {3, 4}});
  CHECK(rescored({.calibration = &kCalibration, .min_score = 0.6F}) == RescoredAnswers{{5, 1}});
  CHECK(rescored({.min_score = 9.0F}).empty());
  const std::vector<float> thresholds{0.5F, 0, 0, 0.6F, 0, 1};
  CHECK(rescored({.calibration = &kCalibration, .thresholds = thresholds}) ==
        RescoredAnswers{{5, 1}, {0, 0.5F}, {1, 0.25F}});
}

TEST_CASE("weights rank anew, equal ones as before, before the first k are taken") {
  const std::vector<float> weights{2, 8, 1, 2, 1, 1};
  CHECK(rescored({.weights = weights}, 3) == RescoredAnswers{{1, 16}, {5, 8}, {0, 8}});
}

TEST_CASE("every query of a group is rescored") {
  RescoredRanker ranker(std::make_unique<Same>(std::vector<LabelId>{1, 2}, std::vector<float>{3, 1}),
                        {.min_score = 2.0F}, 4);
  const std::vector<Query> queries(3);
  const CsrView answers = ranker.rank(queries);
  REQUIRE(answers.rows == 3);
  for (Row row = 0; row < 3; ++row)
    CHECK(answers.row(row).size() == 1);
}

TEST_CASE("a calibration brings its thresholds, none leaves a ranker as it is") {
  const auto make = [] { return std::make_unique<Same>(std::vector<LabelId>{5, 0}, std::vector<float>{8, 4}); };
  Calibration calibration = kCalibration;
  calibration.set_thresholds({0.6F, 0, 0, 0, 0, 1});
  const std::unique_ptr<Ranker> ranker = calibrated(make(), &calibration);
  CHECK(ranker->k() == 4);
  const SparseRow row = (*ranker)({});
  REQUIRE(row.size() == 1);
  CHECK(row.indices[0] == 5);
  CHECK(row.values[0] == 1);
  const std::unique_ptr<Ranker> same = calibrated(make(), nullptr);
  CHECK((*same)({}).values[1] == 4);
}
