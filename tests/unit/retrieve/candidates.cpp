#include "xmr/retrieve/candidates.hpp"

#include "support/catch.hpp"

using namespace xmr;

TEST_CASE("candidates are the union of lists, each label once") {
  Candidates candidates(10);
  const std::vector<std::uint32_t> a = {7, 2}, b = {2, 3, 9};
  const std::vector<float> of_a = {4, 1}, of_b = {0.5F, 0.25F, 0.125F};
  for (int round = 0; round < 2; ++round) {
    candidates.clear();
    candidates.add(Source::words, {a, of_a}, 8);
    candidates.add(Source::trees, {b, of_b}, 0);
    REQUIRE(candidates.all().size() == 4);
    const auto& two = candidates.all()[1];
    CHECK(two.label == 2);
    CHECK(two.of(Source::words).rank == 2);
    CHECK(two.of(Source::words).score == 0.125F);
    CHECK(two.of(Source::trees).rank == 1);
    CHECK(two.of(Source::trees).score == 0.5F);
    CHECK(two.of(Source::grams).rank == 0);
    CHECK(candidates.list(Source::words).size == 2);
    CHECK(candidates.list(Source::words).best == 0.5F);
    CHECK(candidates.list(Source::trees).second == 0.25F);
    CHECK(candidates.list(Source::neighbours).size == 0);
  }
}

TEST_CASE("leaders are the candidates with the largest sums of 1/rank, equal ones in their order") {
  Candidates candidates(20);
  CHECK(candidates.find_leaders().empty());
  const std::vector<std::uint32_t> a = {7, 2, 5, 6, 8, 9}, b = {2, 3, 9};
  const std::vector<float> of_a = {6, 5, 4, 3, 2, 1}, of_b = {3, 2, 1};
  candidates.add(Source::words, {a, of_a}, 0);
  candidates.add(Source::trees, {b, of_b}, 0);
  const auto leaders = candidates.find_leaders();
  std::vector<LabelId> labels;
  for (const Leader& leader : leaders)
    labels.push_back(leader.label);
  CHECK(labels == std::vector<LabelId>{2, 7, 9, 3, 5});
  CHECK(leaders[0].weight == 1.5F);
  CHECK(leaders[3].weight == 0.5F);
}
