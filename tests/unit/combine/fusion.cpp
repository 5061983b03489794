#include "xmr/combine/fusion.hpp"

#include <array>
#include <cmath>
#include <map>

#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

namespace {

using Answers = std::vector<std::pair<LabelId, float>>;

struct List {
  std::vector<LabelId> labels;
  std::vector<float> scores;

  explicit List(const Answers& answers) {
    for (const auto& [label, score] : answers) {
      labels.push_back(label);
      scores.push_back(score);
    }
  }
  SparseRow row() const { return {labels, scores}; }
};

Answers pairs(SparseRow row) {
  Answers answers;
  for (std::size_t i = 0; i < row.size(); ++i)
    answers.emplace_back(row.indices[i], row.values[i]);
  return answers;
}

const List kFirst({{7, 0.9F}, {3, 0.5F}});
const List kSecond({{3, 8.0F}, {1, 4.0F}, {7, 2.0F}, {2, 1.0F}});

Answers fused(FusionMethod method, std::uint32_t k = 10) {
  Fusion fuse(method, 2, k);
  return pairs(fuse(std::array{kFirst.row(), kSecond.row()}));
}

}  // namespace

TEST_CASE("lists are fused as the formulae say") {
  SECTION("average") {
    CHECK(fused(FusionMethod::average) == Answers{{3, 4.25F}, {1, 2.0F}, {7, 1.45F}, {2, 0.5F}});
  }
  SECTION("rank") {
    CHECK(fused(FusionMethod::rank) == Answers{{3, 0.75F}, {7, 0.75F}, {1, 0.375F}, {2, 0.125F}});
  }
  SECTION("softmax") {
    const Answers found = fused(FusionMethod::softmax);
    REQUIRE(found.size() == 4);
    CHECK(found[0].first == 3);
    const double first = std::exp(0.5) / (std::exp(0.9) + std::exp(0.5));
    const double second = std::exp(8) / (std::exp(8) + std::exp(4) + std::exp(2) + std::exp(1));
    CHECK(found[0].second == Approx((first + second) / 2));
  }
  SECTION("rrf") {
    const Answers found = fused(FusionMethod::rrf);
    REQUIRE(found.size() == 4);
    CHECK(found[0] == std::pair<LabelId, float>{3, static_cast<float>(1 / 62.0 + 1 / 61.0)});
    CHECK(found[1] == std::pair<LabelId, float>{7, static_cast<float>(1 / 61.0 + 1 / 63.0)});
    CHECK(found[2] == std::pair<LabelId, float>{1, static_cast<float>(1 / 62.0)});
  }
}

TEST_CASE("the best k are answered, equal ones by label, and rows without answers stay so") {
  CHECK(fused(FusionMethod::rank, 1) == Answers{{3, 0.75F}});
  for (const FusionMethod method :
       {FusionMethod::average, FusionMethod::rank, FusionMethod::softmax, FusionMethod::rrf}) {
    Fusion fuse(method, 2, 10);
    CHECK(fuse(std::array{SparseRow{}, SparseRow{}}).size() == 0);
    CHECK(pairs(fuse(std::array{kFirst.row(), SparseRow{}})).front().first == 7);
  }
}

TEST_CASE("weighted fusion is a logistic model of the evidence") {
  FusionWeights weights{2, std::vector<double>(evidence_of(2))};
  weights.values = {1, 2, 0.5, 0.25, 3, -1, 0.5, 0.125, 1, 0.75, 0.5, -2, -4};
  Fusion fuse(weights, 10);
  const Answers found = pairs(fuse(std::array{kFirst.row(), kSecond.row()}));
  std::map<LabelId, float> score(found.begin(), found.end());
  REQUIRE(score.size() == 4);
  const auto first = [](double s, double rank) {
    return 1 + 2 * s / 0.9 + 0.5 * s + 0.25 * std::log(s) - 3 * std::log(rank);
  };
  const auto second = [](double s, double rank) {
    return -1 + 0.5 * s / 8 + 0.125 * s + std::log(s) - 0.75 * std::log(rank);
  };
  const auto logistic = [](double z) { return 1 / (1 + std::exp(-z)); };
  CHECK(score[7] == Approx(logistic(first(0.9, 1) + second(2, 3) + 0.5 - 2 * 1 * 0.25 - 4)));
  CHECK(score[3] == Approx(logistic(first(0.5, 2) + second(8, 1) + 0.5 - 2 * (0.5 / 0.9) * 1 - 4)));
  CHECK(score[1] == Approx(logistic(second(4, 2) - 4)));
  CHECK(score[2] == Approx(logistic(second(1, 4) - 4)));
}

TEST_CASE("scores that are logarithms give the evidence of what they are logarithms of") {
  const List scores({{4, 0.5F}, {2, 0.25F}}), logarithms({{4, std::log(0.5F)}, {2, std::log(0.25F)}});
  MergedLists a, b;
  a.merge(std::array{scores.row()});
  b.merge(std::array{logarithms.row()});
  a.for_each_label([&](LabelId label, std::span<const ListedAnswer> of_a) {
    b.for_each_label([&](LabelId same, std::span<const ListedAnswer> of_b) {
      if (label != same) return;
      const auto left = a.evidence(of_a), right = b.evidence(of_b);
      REQUIRE(left.size() == 6);
      for (std::size_t i = 0; i < left.size(); ++i)
        CHECK(left[i] == Approx(right[i]));
    });
  });
}

TEST_CASE("pairs of three lists have places of their own") {
  MergedLists merged;
  const std::array lists = {List({{0, 1.0F}, {1, 0.5F}}), List({{1, 1.0F}, {2, 0.5F}}), List({{2, 1.0F}, {0, 0.5F}})};
  merged.merge(std::array{lists[0].row(), lists[1].row(), lists[2].row()});
  std::vector<std::vector<double>> both;
  merged.for_each_label([&](LabelId, std::span<const ListedAnswer> answers) {
    const auto evidence = merged.evidence(answers);
    both.push_back({evidence[15], evidence[17], evidence[19]});
  });
  CHECK(both == std::vector<std::vector<double>>{{0, 1, 0}, {1, 0, 0}, {0, 0, 1}});
}

TEST_CASE("unknown methods, no lists and k 0 are refused") {
  CHECK(parse_named<FusionMethod>("fusion", "rrf") == FusionMethod::rrf);
  CHECK(name_of(FusionMethod::softmax) == "softmax");
  CHECK_THROWS_WITH(parse_named<FusionMethod>("fusion", "best"),
                    "fusion: 'best' is not one of average|rank|softmax|rrf|weighted");
  CHECK_THROWS_AS(Fusion(FusionMethod::weighted, 2, 1), ConfigError);
  CHECK_THROWS_AS(Fusion(FusionMethod::rrf, 0, 1), ConfigError);
  CHECK_THROWS_AS(Fusion(FusionMethod::rrf, 2, 0), ConfigError);
}

TEST_CASE("weights are read as they were written, and every truncation is refused, and every change or read whole",
          "[damage]") {
  const test::TemporaryDirectory folder;
  Random random(1);
  FusionWeights weights{3, {}};
  for (std::size_t i = 0; i < evidence_of(3); ++i)
    weights.values.push_back(random.uniform() * 10 - 5);
  weights.write(folder / "w.json");
  const FusionWeights read = FusionWeights::read(folder / "w.json");
  CHECK(read.lists == 3);
  CHECK(read.values == weights.values);
  const std::string text = test::read_file(folder / "w.json");
  const auto read_again = [&](const std::string& damaged) {
    test::write_file(folder / "damaged.json", damaged);
    const FusionWeights found = FusionWeights::read(folder / "damaged.json");
    REQUIRE(found.values.size() == evidence_of(found.lists));
    REQUIRE(std::ranges::all_of(found.values, [](double value) { return std::isfinite(value); }));
  };
  test::Damage damage("fusion weights", text);
  CHECK(damage.cut(read_again) + 1 == text.size());  // the newline at the end may be missing
  damage.change({0x01, 0x02, 0x10, 0x20, 0x80}, read_again);
}

TEST_CASE("what is not a file of fusion weights is refused") {
  const test::TemporaryDirectory folder;
  const auto message = [&](const std::string& text) {
    test::write_file(folder / "w.json", text);
    try {
      FusionWeights::read(folder / "w.json");
    } catch (const FormatError& error) {
      return std::string(error.what()).substr((folder / "w.json").size());
    }
    return std::string("accepted");
  };
  const std::string head = R"({"kind":"fusion","format_version":1,)";
  const std::string list = R"({"listed":1,"ratio":1,"score":1,"logarithm":1,"rank":1})";
  CHECK(message("[]") == ": is not a file of fusion weights");
  CHECK(message(R"({"kind":"fusion","format_version":2})") == ": is not a file of fusion weights");
  CHECK(message(head + R"("lists":[]})") == R"(: "pairs" is missing or no array)");
  CHECK(message(head + R"("lists":[],"pairs":[]})") == ": 0 lists and 0 pairs of them");
  CHECK(message(head + R"("lists":[1],"pairs":[]})") == R"(: "lists" holds something else than objects)");
  const std::string no_constant = R"(: "constant" is missing or no number in -1e+30..1e+30)";
  CHECK(message(head + R"("lists":[)" + list + R"(],"pairs":[]})") == no_constant);
  CHECK(message(head + R"("lists":[)" + list + R"(],"pairs":[],"constant":"1"})") == no_constant);
  CHECK(message(head + R"("lists":[)" + list + R"(],"pairs":[],"constant":1e31})") == no_constant);
  CHECK(message(head + R"("lists":[)" + list + R"(],"pairs":[],"constant":1})") == "accepted");
}
