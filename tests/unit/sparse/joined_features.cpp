#include "xmr/sparse/joined_features.hpp"

#include <array>

#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/random_matrix.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using xmr::test::equal;
using xmr::test::random_matrix;
using xmr::test::TemporaryDirectory;

namespace {

// The record that a model keeps of the matrices of its training.
std::vector<FeaturePart> recorded(const MatrixFile& joined) {
  return feature_parts(joined.content(), joined.name());
}

}  // namespace

TEST_CASE("matrices side by side are normalised, weighted and numbered one behind the other") {
  const TemporaryDirectory dir;
  const CsrMatrix a = random_matrix(20, 9, 0.3, 1), b = random_matrix(20, 5, 0.9, 2);
  write_matrix(dir / "a.npz", a, {{"vectorizer", "abc"}});
  write_matrix(dir / "b.npz", b, {});
  const MatrixFile joined =
      join_features({dir / "a.npz", dir / "b.npz"}, FeatureJoin{.norms = {Norm::none, Norm::l2}, .weights = {2, 0.5F}});
  CsrMatrix twice = a, half = normalize_rows(b, Norm::l2);
  for (float& value : twice.mutable_values())
    value *= 2;
  for (float& value : half.mutable_values())
    value *= 0.5F;
  const std::array<CsrView, 2> parts = {twice, half};
  CHECK(equal(joined.view(), hstack(parts)));

  SECTION("and again as they were recorded") {
    const std::vector<FeaturePart> as_trained = recorded(joined);
    REQUIRE(as_trained.size() == 2);
    CHECK(as_trained[0] == FeaturePart{.features = 9, .weight = 2, .vectorizer = "abc"});
    CHECK(equal(join_features({dir / "a.npz", dir / "b.npz"}, as_trained, "model").view(), joined.view()));
  }
  SECTION("others than those that were recorded are refused") {
    const std::vector<FeaturePart> as_trained = recorded(joined);
    CHECK_THROWS_AS(join_features({dir / "b.npz", dir / "a.npz"}, as_trained, "model"), DataError);
    CHECK_THROWS_AS(join_features({dir / "a.npz"}, as_trained, "model"), ConfigError);
    write_matrix(dir / "other.npz", a, {{"vectorizer", "def"}});
    CHECK_THROWS_AS(join_features({dir / "other.npz", dir / "b.npz"}, as_trained, "model"), DataError);
    std::vector<FeaturePart> dense = as_trained;
    dense[1].is_dense = true;
    CHECK_THROWS_AS(join_features({dir / "a.npz", dir / "b.npz"}, dense, "model"), DataError);
  }
}

TEST_CASE("a weight makes no zeros and no infinities") {
  const TemporaryDirectory dir;
  CsrMatrix a(3);
  a.push(0, 1e-40F);
  a.push(1, 2);
  a.push(2, 1e33F);
  a.end_row();
  write_matrix(dir / "a.npz", a, {});
  const auto weighted = [&](float weight) {
    const MatrixFile file = join_features({dir / "a.npz"}, FeatureJoin{.weights = {weight}});
    return std::vector<std::uint32_t>(file.view().indices.begin(), file.view().indices.end());
  };
  CHECK(weighted(2) == std::vector<std::uint32_t>{0, 1, 2});
  CHECK(weighted(1e-6F) == std::vector<std::uint32_t>{1, 2});
  CHECK_THROWS_WITH(weighted(1e6F),
                    Catch::Matchers::EndsWith("row 0, column 2: 1e+33 times the weight 1000000 overflows"));
}

TEST_CASE("a single matrix as it is stays what it is") {
  const TemporaryDirectory dir;
  const CsrMatrix a = random_matrix(20, 9, 0.3, 1);
  write_matrix(dir / "a.npz", a, {{"vectorizer", "abc"}});
  const MatrixFile alone = join_features({dir / "a.npz"}, FeatureJoin());
  CHECK(equal(alone.view(), a));
  CHECK(alone.content().at("vectorizer") == "abc");
  CHECK(recorded(alone).empty());
  CHECK(equal(join_features({dir / "a.npz"}, std::vector<FeaturePart>(), "model").view(), a));
  CHECK(recorded(join_features({dir / "a.npz"}, FeatureJoin{.norms = {Norm::l1}})).size() == 1);
}

TEST_CASE("lists of norms and weights must fit, and so must rows") {
  const TemporaryDirectory dir;
  write_matrix(dir / "a.npz", random_matrix(20, 9, 0.3, 1), {});
  write_matrix(dir / "b.npz", random_matrix(19, 9, 0.3, 1), {});
  const std::vector<std::string> same = {dir / "a.npz", dir / "a.npz"};
  CHECK_THROWS_AS(join_features(same, FeatureJoin{.weights = {1, 2, 3}}), ConfigError);
  CHECK_THROWS_AS(join_features(same, FeatureJoin{.norms = {}}), ConfigError);
  CHECK_THROWS_AS(join_features({dir / "a.npz", dir / "b.npz"}, FeatureJoin()), DataError);
}

TEST_CASE("a record of parts that nobody wrote is refused") {
  CHECK(feature_parts(Json::object(), "m").empty());
  CHECK(feature_parts({{"x", "a fingerprint"}}, "m").empty());
  const Json good = {{"features", 3U}, {"kind", "dense"}, {"norm", "l2"}, {"weight", 1.5}, {"vectorizer", ""}};
  CHECK(feature_parts({{"x", std::vector{good}}}, "m").front().is_dense);
  for (const char* bad : {R"({"features": null})", R"({"features": -1})", R"({"features": 1e300})",
                          R"({"features": 99999999999})", R"({"kind": "odd"})", R"({"norm": "l3"})",
                          R"({"weight": "1"})", R"({"weight": -1})", R"({"weight": 1e300})", R"({"vectorizer": 7})"}) {
    CAPTURE(bad);
    Json part = good;
    part.update(Json::parse(bad));
    CHECK_THROWS_AS(feature_parts({{"x", std::vector{part}}}, "m"), FormatError);
  }
}
