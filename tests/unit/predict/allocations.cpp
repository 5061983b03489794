// Counts what this test program takes from the heap.

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

#include "xmr/predict/beam_search.hpp"

#include "support/catch.hpp"
#include "support/plain_model.hpp"
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

TEST_CASE("a search allocates nothing once it has seen its queries") {
  const test::TemporaryDirectory folder;
  Random random(5);
  const test::PlainModel plain = test::random_model(random, 30);
  plain.write(folder / "model.npz");
  const XrLinearModel model = XrLinearModel::open(folder / "model.npz");
  const CsrMatrix queries = test::random_queries(random, 30, 100);
  BeamSearch search(model, default_search(model));
  const auto rank_all = [&] {
    for (Row row = 0; row < queries.rows(); ++row)
      search({queries.view().row(row)});
  };
  rank_all();
  const std::size_t before = allocations;
  rank_all();
  const std::size_t after = allocations;
  CHECK(before > 0);
  CHECK(after == before);
}
