#include "xmr/complete/evidence.hpp"

#include <cmath>

#include "support/catch.hpp"

using namespace xmr;

namespace {

std::size_t cell(std::string_view prefix, bool is_known, bool is_begun = true) {
  CompletionContext context;
  context.is_begun = is_begun;
  context.prefix = prefix;
  context.is_known = is_known;
  return completion_cell(context);
}

}  // namespace

TEST_CASE("weights go by characters typed, not bytes, and by what is known of the previous query") {
  CHECK(cell("", true) == 0);
  CHECK(cell("漢", true) == 0);
  CHECK(cell("漢字", true) == 1);
  CHECK(cell("abcd", true) == 2);
  CHECK(cell("abcdefgh", true) == 3);
  CHECK(cell("a", false) == 4);
  CHECK(cell("abcdefghi", false) == 7);
  CHECK(cell("a", true, false) == 8);
  CHECK(cell("a", false, false) == 12);
}

TEST_CASE("evidence is what docs/methods.md says") {
  const CompletionContext context{.previous = "new york",
                                  .prefix = "new",
                                  .place = 10,
                                  .is_known = true,
                                  .popularity = 99,
                                  .pairs = 4,
                                  .together = 5,
                                  .before = 30,
                                  .best_score = 0.5F};
  const CompletionCandidate candidate{
      .label = 12, .count = 7, .pairs = 2, .together = 3, .before = 20, .score = 0.25F, .is_scored = true};
  const CompletionEvidence found = EvidenceReader(context)(candidate, "new york hotel");
  const double popularity = std::log(7.1 / 100), pairs = std::log(3), share = std::log(0.4 + 1e-3),
               ratio = std::log(0.5);
  const CompletionEvidence expected{popularity,
                                    std::log(8),
                                    pairs,
                                    share,
                                    1,
                                    std::log(0.25),
                                    ratio,
                                    1,
                                    0.25,
                                    8,
                                    std::log(6),
                                    2.0 / 3,
                                    1,
                                    0,
                                    1,
                                    1,
                                    0,
                                    1,
                                    std::log(3),
                                    std::log(3),
                                    11,
                                    0,
                                    pairs * popularity,
                                    pairs * ratio,
                                    popularity * ratio,
                                    share * ratio,
                                    std::log(11),
                                    std::log(11),
                                    std::log(15),
                                    std::log(4),
                                    std::log(0.5 + 1e-3),
                                    1,
                                    1};  // begins; the rest is 0
  for (std::size_t i = 0; i < found.size(); ++i) {
    CAPTURE(i);
    CHECK(found[i] == Approx(expected[i]).margin(1e-6));
  }
}

TEST_CASE("a candidate that the search did not find, after nothing, has finite evidence") {
  const CompletionEvidence found = EvidenceReader()({}, "a");
  for (const double value : found)
    CHECK(std::isfinite(value));
}

TEST_CASE("a candidate that holds the typed words has evidence of its own") {
  const CompletionContext context{.previous = {},
                                  .prefix = "de",
                                  .is_begun = true,
                                  .finished = 1,
                                  .popularity = 9,
                                  .pairs = 3,
                                  .begun_pairs = 1,
                                  .best_score = 0.5F};
  const CompletionCandidate candidate{
      .label = 4, .count = 1, .pairs = 2, .together = 0, .has_words = true, .word_place = 3};
  const CompletionEvidence found = EvidenceReader(context)(candidate, "libssl-dev");
  const double expected[] = {0, 1, std::log(10),  3,           std::log(1.1 / 10), std::log(3),  std::log(0.5 + 1e-3),
                             8, 1, std::log(0.5), std::log(2), std::log(1e-3),     std::log(11), 0};
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    CAPTURE(i);
    CHECK(found[32 + i] == Approx(expected[i]).margin(1e-6));
  }
  const CompletionEvidence dropped =
      EvidenceReader({.previous = {}, .prefix = "d", .is_begun = false, .dropped = 3})({.label = 1}, "doc");
  CHECK(dropped[32] == 0);
  CHECK(dropped[45] == Approx(std::log(4)).margin(1e-6));
}

TEST_CASE("earlier queries give evidence, and weights of their own") {
  CompletionContext context;
  context.prefix = "lib";
  context.earlier = {"libssl3", "", "libgcc-s1"};
  context.with_earlier = {9, 0, 4};
  CHECK(completion_cell(context) == 21);
  CompletionCandidate candidate{.label = 1};
  candidate.with_earlier = {5, 0, 2};
  const CompletionEvidence found = EvidenceReader(context)(candidate, "libssl-dev");
  const double none = std::log(1e-3);
  const double expected[] = {
      std::log(0.5 + 1e-3) - none, 0, std::log(0.4 + 1e-3) - none, std::log(1 + 5 + 2 * 0.5), 2, 0, std::log(4)};
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    CAPTURE(i);
    CHECK(found[52 + i] == Approx(expected[i]).margin(1e-6));
  }
  CHECK(EvidenceReader(context)(candidate, "libgcc-s1")[57] == 1);
  CHECK(EvidenceReader(context)({}, "other")[55] == 0);
}

TEST_CASE("a made query has evidence of its own, and begins with the typed text") {
  const CompletionContext context{.previous = "devil-x",
                                  .prefix = "de",
                                  .is_begun = false,
                                  .dropped = 2,
                                  .finished = 1,
                                  .popularity = 9,
                                  .best_score = 0.5F};
  const CompletionCandidate candidate{.label = 4, .is_other = true, .probability = 0.01, .share = 0.25, .pieces = 2};
  const CompletionEvidence found = EvidenceReader(context)(candidate, "dev-x");
  CHECK(found[32] == 1);
  CHECK(found[45] == 0);
  const double expected[] = {1, std::log(0.01 + 1e-9), std::log(0.25 + 1e-3), 2, 0, 0};
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    CAPTURE(i);
    CHECK(found[46 + i] == Approx(expected[i]).margin(1e-6));
  }
  const double products[] = {0, 3, 0.5, std::log(2), std::log(6), std::log(2)};
  for (std::size_t i = 0; i < std::size(products); ++i) {
    CAPTURE(i);
    CHECK(found[66 + i] == Approx(products[i]).margin(1e-6));
    CHECK(EvidenceReader(context)({.label = 4, .is_other = true, .first = 1}, "dev-x")[66 + i] == 0);
  }
  CHECK(EvidenceReader(context)(candidate, "de")[66] == 1);
}

TEST_CASE(
    "a first query of sessions has evidence of its own, whether it begins with the typed text or holds its words") {
  const CompletionContext context{.previous = {}, .prefix = "de", .popularity = 9, .best_score = 0.5F};
  CompletionCandidate candidate{.label = 4, .is_other = true, .first = 3, .first_before = 1};
  const auto check = [&](bool has_words) {
    candidate.has_words = has_words;
    const CompletionEvidence found = EvidenceReader(context)(candidate, "dev-x");
    CHECK(found[32] == (has_words ? 0 : 1));
    const double expected[] = {1, std::log(4), std::log(2), 1, has_words ? 1.0 : 0.0, std::log(10), std::log(0.5)};
    for (std::size_t i = 0; i < std::size(expected); ++i) {
      CAPTURE(i);
      CHECK(found[59 + i] == Approx(expected[i]).margin(1e-6));
    }
    CHECK(found[46] == 0);
  };
  check(false);
  check(true);
}
