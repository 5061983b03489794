#include "support/allocations.hpp"

#include "xmr/lexical/bm25_model.hpp"
#include "xmr/lexical/bm25_search.hpp"
#include "xmr/lexical/neighbours.hpp"

#include "support/catch.hpp"
#include "support/plain_bm25.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

TEST_CASE("a BM25 search allocates nothing once it has seen its queries") {
  const test::TemporaryDirectory folder;
  Random random(5);
  const CsrMatrix documents = test::random_counts(random, 300, 40), queries = test::random_counts(random, 100, 40);
  Parallel parallel;
  const Bm25Postings built = build_postings(documents, {}, parallel);
  write_model(NpzWriter(folder / "model.npz"), Bm25Parts{.postings = built, .options = {}});
  const Bm25Model model = Bm25Model::open(folder / "model.npz");
  Bm25Search search(model.postings(), 5);
  const auto rank_all = [&] {
    for (Row row = 0; row < queries.rows(); ++row)
      search(queries.view().row(row));
  };
  rank_all();
  const std::size_t before = test::allocations;
  rank_all();
  const std::size_t after = test::allocations;
  CHECK(before > 0);
  CHECK(after == before);
}

TEST_CASE("a search of neighbours allocates nothing once it has seen its queries") {
  const test::TemporaryDirectory folder;
  Random random(6);
  const CsrMatrix x = test::random_counts(random, 300, 40), y = test::random_counts(random, 300, 20);
  Parallel parallel;
  NpzWriter out(folder / "index.npz");
  write_neighbours(out, "", build_neighbours(x, y, parallel));
  out.commit({"test", 1, {}});
  const NpzFile file(folder / "index.npz");
  const NeighbourIndex index(file, "", 40, 20);
  NeighbourSearch search(index, 5);
  const auto rank_all = [&] {
    for (Row row = 0; row < x.rows(); ++row)
      search(x.view().row(row));
  };
  rank_all();
  const std::size_t before = test::allocations;
  rank_all();
  CHECK(test::allocations == before);
}
