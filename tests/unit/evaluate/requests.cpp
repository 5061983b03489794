#include "xmr/evaluate/requests.hpp"

#include <utility>

#include "xmr/evaluate/score.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

using Groups = std::vector<std::pair<std::string, std::vector<Row>>>;

Groups plain(const std::vector<RowGroup>& groups) {
  Groups plain;
  for (const RowGroup& group : groups)
    plain.emplace_back(group.name, group.rows);
  return plain;
}

// A row's labels, in rank order.
CsrMatrix matrix(std::uint64_t labels, const std::vector<std::vector<LabelId>>& rows) {
  CsrMatrix matrix(labels);
  for (const auto& row : rows) {
    for (const LabelId label : row)
      matrix.push(label, 1);
    matrix.end_row();
  }
  return matrix;
}

const Requests kRequests{.previous = {"x", "x", "y", ""},
                         .prefix = {"r", "\u00e4\u00f6", "green a", "longer than that"},
                         .next = {"red", "\u00e4\u00f6l", "green apple", "longer than that, too"}};

}  // namespace

TEST_CASE("rows are split by the characters of the prefix, not its bytes") {
  CHECK(plain(split_by_prefix_length(kRequests)) ==
        Groups{{"prefix 1", {0}}, {"prefix 2-3", {1}}, {"prefix 4-7", {2}}, {"prefix 8+", {3}}});
}

TEST_CASE("rows are split by what the training rows have") {
  const Requests train{.previous = {"x", "z"}, .prefix = {"re", "g"}, .next = {"red", "green apple"}};
  CHECK(plain(split_by_seen_previous(kRequests, train)) ==
        Groups{{"previous seen", {0, 1}}, {"previous unseen", {2, 3}}});
  CHECK(plain(split_by_seen_pair(kRequests, train)) == Groups{{"pair seen", {0}}, {"pair unseen", {1, 2, 3}}});
}

TEST_CASE("rows are split by the training rows of their most frequent label") {
  const CsrMatrix train = matrix(3, {{0}, {0, 1}, {0}});
  const CsrMatrix truth = matrix(3, {{2}, {1}, {0, 1}, {}, {0}});
  CHECK(plain(split_by_label_frequency(truth, train)) ==
        Groups{{"label unseen", {0}}, {"label 1 row", {1}}, {"label 2-4 rows", {2, 4}}, {"no label", {3}}});
}

TEST_CASE("success, answered, keystrokes and bleu by hand") {
  // The next queries are labels 0, 1, 2; the last one is no label.
  const std::vector<std::string> keys{"red", "\u00e4\u00f6l", "green apple"};
  const CsrMatrix truth = matrix(3, {{0}, {1}, {2}, {}});
  const CsrMatrix ranked = matrix(3, {{0}, {0, 1}, {0, 1}, {}});
  Parallel parallel(1);
  const Judged judged = judge(truth, ranked, parallel);
  const MetricInputs inputs{.requests = &kRequests,
                            .key = [&](LabelId label) { return std::string_view(keys[label]); }};
  const auto value = [&](std::string_view word) {
    return score_rows(judged, parse_metric(word), inputs, parallel).value();
  };
  CHECK(value("success@1") == Approx(1.0 / 4));
  CHECK(value("success@2") == Approx(2.0 / 4));
  CHECK(value("answered@1") == Approx(3.0 / 4));
  CHECK(value("answered@2") == Approx(2.0 / 4));
  // Saved are "ed" and "\u00f6l"'s last character, of 3 + 3 + 11 + 21.
  CHECK(value("keystrokes@1") == Approx(2.0 / 38));
  CHECK(value("keystrokes@2") == Approx(3.0 / 38));
  // One word, the same: 0.1778; in the second place of two: half of that, over 1 + 1/2.
  CHECK(value("bleu@2") == Approx((0.177828 + 0.177828 / 2 / 1.5) / 4).epsilon(1e-5));

  const RowScores scores = score_rows(judged, parse_metric("keystrokes@2"), inputs, parallel);
  CHECK(scores.of(std::vector<Row>{0, 1}).value() == Approx(3.0 / 6));
  CHECK(score_rows(judged, parse_metric("success@2"), inputs, parallel).of(std::vector<Row>{0}).value() == 1);
}

TEST_CASE("metrics of completions need the requests of all rows") {
  const CsrMatrix truth = matrix(1, {{0}});
  Parallel parallel(1);
  const Judged judged = judge(truth, truth, parallel);
  CHECK_THROWS_AS(score_rows(judged, parse_metric("keystrokes@1"), {}, parallel), ConfigError);
  CHECK_THROWS_AS(score_rows(judged, parse_metric("bleu@1"), {.requests = &kRequests}, parallel), ConfigError);
}
