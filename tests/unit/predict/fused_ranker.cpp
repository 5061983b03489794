#include "xmr/predict/fused_ranker.hpp"

#include <memory>
#include <utility>
#include <vector>

#include "xmr/util/error.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

// Answers with the features of a query as labels, and records its requests.
class Echo final : public Ranker {
 public:
  explicit Echo(std::vector<std::vector<FeatureId>>& asked) : Ranker(100, 10), asked_(asked), answers_(100) {}

  CsrView rank(std::span<const Query> queries) override {
    answers_.clear();
    for (const Query& query : queries) {
      asked_.emplace_back(query.features.indices.begin(), query.features.indices.end());
      answers_.append_row(query.features);
    }
    return answers_;
  }
  std::size_t query_memory() const override { return 1; }

 private:
  std::vector<std::vector<FeatureId>>& asked_;
  CsrMatrix answers_;
};

using Asked = std::vector<std::vector<FeatureId>>;

}  // namespace

TEST_CASE("each ranker is asked with the features of its own space") {
  JoinedRow joined;
  joined.append({std::vector<FeatureId>{1, 4}, std::vector<float>{4, 2}}, 5);
  joined.append({std::vector<FeatureId>{0, 4}, std::vector<float>{8, 16}}, 7);
  const FeatureSpaces spaces{.of_model = {1, 0, 1}, .sizes = {5, 7}};
  Asked first, second, third;
  std::vector<std::unique_ptr<Ranker>> rankers;
  for (Asked* asked : {&first, &second, &third})
    rankers.push_back(std::make_unique<Echo>(*asked));
  FusedRanker ranker(std::move(rankers), spaces, Fusion(FusionMethod::average, 3, 3));

  const std::vector<Query> queries{{joined.row()}, {}, {joined.row()}};
  const CsrView answers = ranker.rank(queries);
  CHECK(first == Asked{{0, 4}, {}, {0, 4}});
  CHECK(second == Asked{{1, 4}, {}, {1, 4}});
  CHECK(third == first);
  REQUIRE(answers.rows == 3);
  for (const Row row : {0U, 2U}) {
    const SparseRow found = answers.row(row);
    CHECK(std::vector<LabelId>(found.indices.begin(), found.indices.end()) == std::vector<LabelId>{4, 0, 1});
    CHECK(std::vector<float>(found.values.begin(), found.values.end()) ==
          std::vector<float>{34.0F / 3, 16.0F / 3, 4.0F / 3});
  }
  CHECK(answers.row(1).size() == 0);
}

TEST_CASE("a fusion of another number of lists is refused") {
  Asked asked;
  std::vector<std::unique_ptr<Ranker>> rankers;
  rankers.push_back(std::make_unique<Echo>(asked));
  CHECK_THROWS_AS(FusedRanker(std::move(rankers), {{0}, {5}}, Fusion(FusionMethod::rrf, 2, 3)), ConfigError);
}

TEST_CASE("more features than can be numbered are refused") {
  const FeatureSpaces spaces{.of_model = {0, 1}, .sizes = {1ULL << 31, 1ULL << 31}};
  CHECK_THROWS_AS(spaces.check(), DataError);
}
