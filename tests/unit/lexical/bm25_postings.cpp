#include "xmr/lexical/bm25_postings.hpp"

#include <cmath>

#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/plain_bm25.hpp"

using namespace xmr;

TEST_CASE("impacts are those of the formula, in units of 2^-16") {
  Random random(1);
  const CsrMatrix documents = test::random_counts(random, 40, 30);
  const Bm25Options options = GENERATE(Bm25Options{}, Bm25Options{0, 0}, Bm25Options{2, 1}, Bm25Options{100, 0.5});
  Parallel parallel;
  const Bm25Postings built = build_postings(documents, options, parallel);
  const test::PlainBm25 plain(documents, options);
  REQUIRE(built.offsets.size() == 31);
  REQUIRE(built.offsets.back() == documents.view().nnz());
  for (FeatureId feature = 0; feature < 30; ++feature) {
    std::uint32_t largest = 0;
    for (std::uint64_t i = built.offsets[feature]; i < built.offsets[feature + 1]; ++i) {
      const Posting posting = built.postings[i];
      INFO("feature " << feature << ", label " << posting.document);
      CHECK(std::fabs(posting.impact * kImpactUnit - plain.impact(posting.document, feature)) <= kImpactUnit);
      largest = std::max(largest, posting.impact);
    }
    CHECK(built.largest[feature] == largest);
  }
}

TEST_CASE("the index of a small example, by hand") {
  CsrMatrix documents(2);  // label 0: a a b; label 1: none; label 2: b
  documents.push(0, 2);
  documents.push(1, 1);
  documents.end_row();
  documents.end_row();
  documents.push(1, 1);
  documents.end_row();
  Parallel parallel;
  const Bm25Postings built = build_postings(documents, {0.9, 0.4}, parallel);
  CHECK(built.documents == 3);
  CHECK(built.filled == 2);
  CHECK(built.mean_length == 2);
  // idf(a) = ln(1 + 1.5/1.5), tf 2, length 3: 0.693147 · 3.8 / (2 + 0.9 · 1.2) = 0.855181.
  REQUIRE(built.postings.size() == 3);
  CHECK(built.postings[0] == Posting{0, 56045});
}

TEST_CASE("features in too many labels have no postings") {
  Random random(7);
  const CsrMatrix documents = test::random_counts(random, 60, 20);
  Parallel parallel;
  const Bm25Postings all = build_postings(documents, {}, parallel), few = build_postings(documents, {}, parallel, 15);
  const auto of = [](const Bm25Postings& built, std::size_t feature) {
    return std::vector(built.postings.begin() + static_cast<std::ptrdiff_t>(built.offsets[feature]),
                       built.postings.begin() + static_cast<std::ptrdiff_t>(built.offsets[feature + 1]));
  };
  for (std::size_t feature = 0; feature < 20; ++feature) {
    const auto expected = of(all, feature);
    CHECK(of(few, feature) == (expected.size() > 15 ? std::vector<Posting>{} : expected));
    CHECK(few.largest[feature] == (expected.size() > 15 ? 0 : all.largest[feature]));
  }
}

TEST_CASE("postings are the same for any number of threads", "[threads]") {
  Random random(2);
  const CsrMatrix documents = test::random_counts(random, 200, 100);
  Parallel one(1), seven(7);
  const Bm25Postings a = build_postings(documents, {}, one), b = build_postings(documents, {}, seven);
  CHECK(a.postings == b.postings);
  CHECK(a.largest == b.largest);
  CHECK(a.checksums == b.checksums);
}

TEST_CASE("factors scale the impacts of features") {
  Random random(4);
  const CsrMatrix documents = test::random_counts(random, 50, 20);
  Parallel parallel;
  Bm25Options options;
  const Bm25Postings plain = build_postings(documents, options, parallel);
  options.factors.assign(20, 1);
  CHECK(build_postings(documents, options, parallel).checksums == plain.checksums);
  options.factors[3] = 0.25F;
  const Bm25Postings scaled = build_postings(documents, options, parallel);
  CHECK(scaled.offsets == plain.offsets);
  for (std::size_t feature = 0; feature < 20; ++feature) {
    const double factor = feature == 3 ? 0.25 : 1;
    CHECK(scaled.largest[feature] == std::lround(plain.largest[feature] * factor));
    for (std::uint64_t i = plain.offsets[feature]; i < plain.offsets[feature + 1]; ++i)
      CHECK(scaled.postings[i].impact == std::lround(plain.postings[i].impact * factor));
  }
}

TEST_CASE("options out of range and empty documents are refused") {
  Random random(3);
  const CsrMatrix documents = test::random_counts(random, 10, 5);
  Parallel parallel;
  CHECK_THROWS_WITH(build_postings(documents, {-1, 0.4}, parallel), "k1: -1 is outside 0..100");
  CHECK_THROWS_WITH(build_postings(documents, {std::nan(""), 0.4}, parallel), "k1: nan is outside 0..100");
  CHECK_THROWS_WITH(build_postings(documents, {0.9, 1.5}, parallel), "b: 1.5 is outside 0..1");
  CsrMatrix empty(5);
  empty.end_row();
  CHECK_THROWS_WITH(build_postings(empty, {}, parallel), "BM25: no label has a document with a known word");
}

TEST_CASE("faults of a piece are told") {
  const std::vector<std::uint64_t> offsets = {10, 12, 13};
  std::vector<std::uint32_t> largest = {7, 5};
  std::vector<Posting> postings = {{0, 7}, {3, 2}, {1, 5}};
  const auto fault = [&] { return find_fault({offsets, largest, postings}, 4); };
  CHECK(fault().empty());
  SECTION("label") {
    postings[1].document = 4;
    CHECK(fault() == "document 4 is outside 0..3");
  }
  SECTION("order") {
    postings[1].document = 0;
    CHECK(fault() == "the documents of a feature are not increasing");
  }
  SECTION("impact") {
    postings[1].impact = 0;
    CHECK(fault() == "an impact is 0");
  }
  SECTION("largest") {
    largest[1] = 4;
    CHECK(fault() == "a largest impact is not that of the postings");
  }
}
