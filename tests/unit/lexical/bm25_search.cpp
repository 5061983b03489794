#include "xmr/lexical/bm25_search.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "xmr/lexical/bm25_model.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/plain_bm25.hpp"
#include "support/ranked.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

namespace {

Bm25Model model_of(const std::string& path, CsrView documents, const Bm25Options& options) {
  Parallel parallel;
  const Bm25Postings built = build_postings(documents, options, parallel);
  write_model(NpzWriter(path), Bm25Parts{.postings = built, .options = {}});
  return Bm25Model::open(path);
}

}  // namespace

TEST_CASE("the best labels and their scores are those of scoring all labels") {
  const test::TemporaryDirectory folder;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    Random random(seed);
    const auto features = static_cast<std::uint32_t>(1 + random.below(60));
    const CsrMatrix documents = test::random_counts(random, 2 + random.below(150), features);
    if (documents.view().nnz() == 0) continue;
    const Bm25Options options{random.uniform() * 3, random.uniform()};
    const Bm25Model model = model_of(folder / "model.npz", documents, options);
    const test::PlainBm25 plain(documents, options);
    const CsrMatrix queries = test::random_counts(random, 30, features);
    for (const std::uint32_t k : {1U, 3U, 10U, 1000U}) {
      Bm25Search search(model.postings(), k);
      for (Row row = 0; row < queries.rows(); ++row) {
        INFO("seed " << seed << ", k " << k << ", row " << row);
        const SparseRow query = queries.view().row(row);
        REQUIRE(test::ranked(search(query)) == plain.rank(query, k));
      }
    }
  }
}

TEST_CASE("with a limit of postings the rarest terms alone are asked") {
  const test::TemporaryDirectory folder;
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    Random random(seed);
    const CsrMatrix documents = test::random_counts(random, 200, 50), queries = test::random_counts(random, 20, 50);
    const Bm25Model model = model_of(folder / "model.npz", documents, {});
    const test::PlainBm25 plain(documents, {});
    for (const std::uint64_t limit : {std::uint64_t{0}, std::uint64_t{40}, std::uint64_t{300}, kAllPostings - 1}) {
      Bm25Search search(model.postings(), 5, nullptr, limit);
      for (Row row = 0; row < queries.rows(); ++row) {
        const SparseRow query = queries.view().row(row);
        // Terms by number of postings, then by feature.
        std::vector<std::pair<std::size_t, std::size_t>> terms;
        for (std::size_t i = 0; i < query.size(); ++i) {
          const std::size_t size = model.postings()[query.indices[i]].postings.size();
          if (size > 0) terms.emplace_back(size, i);
        }
        std::ranges::sort(terms);
        std::vector<float> kept(query.size());
        std::uint64_t sum = 0;
        for (std::size_t n = 0; n < terms.size(); ++n) {
          sum += terms[n].first;
          if (n == 0 || sum <= limit) kept[terms[n].second] = query.values[terms[n].second];
        }
        CsrMatrix part(50);
        for (std::size_t i = 0; i < query.size(); ++i)
          if (kept[i] > 0) part.push(query.indices[i], kept[i]);
        part.end_row();
        INFO("seed " << seed << ", limit " << limit << ", row " << row);
        REQUIRE(test::ranked(search(query)) == plain.rank(part.view().row(0), 5));
      }
    }
  }
}

TEST_CASE("equal labels are ranked by their ids") {
  const test::TemporaryDirectory folder;
  CsrMatrix documents(2);
  for (int label = 0; label < 50; ++label) {
    documents.push(0, 1);
    if (label % 2 == 1) documents.push(1, 1);
    documents.end_row();
  }
  const Bm25Model model = model_of(folder / "model.npz", documents, {0.9, 0});
  Bm25Search search(model.postings(), 3);
  CsrMatrix query(2);
  query.push(0, 1);
  query.push(1, 1);
  query.end_row();
  const SparseRow ranked = search(query.view().row(0));
  CHECK(std::vector(ranked.indices.begin(), ranked.indices.end()) == std::vector<LabelId>{1, 3, 5});
}

TEST_CASE("a query without known words has no answers") {
  const test::TemporaryDirectory folder;
  Random random(4);
  const Bm25Model model = model_of(folder / "model.npz", test::random_counts(random, 20, 10), {});
  Bm25Search search(model.postings(), 3);
  CHECK(search({}).size() == 0);
  CHECK_THROWS_AS(Bm25Search(model.postings(), 0), ConfigError);
}
