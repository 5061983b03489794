// Counts what this test program takes from the heap.

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

#include "xmr/lexical/bm25_search.hpp"

#include "support/catch.hpp"
#include "support/plain_bm25.hpp"
#include "support/temporary_directory.hpp"

namespace {

std::atomic<std::size_t> allocations{0};

}  // namespace

// Both forms: a sanitizer's own nothrow form does not fit the delete below.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size > 0 ? size : 1);
}
void* operator new(std::size_t size) {
  if (void* const memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

using namespace xmr;

TEST_CASE("a BM25 search allocates nothing once it has seen its queries") {
  const test::TemporaryDirectory folder;
  Random random(5);
  const CsrMatrix documents = test::random_counts(random, 300, 40), queries = test::random_counts(random, 100, 40);
  Parallel parallel;
  const Bm25Postings built = build_postings(documents, {}, parallel);
  write_model(NpzWriter(folder / "model.npz"), Bm25Parts{.postings = built, .options = {}});
  const Bm25Model model = Bm25Model::open(folder / "model.npz");
  Bm25Search search(model, 5);
  const auto rank_all = [&] {
    for (Row row = 0; row < queries.rows(); ++row)
      search(queries.view().row(row));
  };
  rank_all();
  const std::size_t before = allocations;
  rank_all();
  const std::size_t after = allocations;
  CHECK(before > 0);
  CHECK(after == before);
}
