#include "xmr/index/estimate.hpp"

#include "support/catch.hpp"
#include "support/random_matrix.hpp"

using namespace xmr;
using namespace xmr::test;

TEST_CASE("estimates of indexing grow with what they are told by") {
  const CsrMatrix x = random_matrix(900, 300, 0.05, 1, true), y = random_matrix(900, 600, 0.005, 2, true);
  const IndexedForm form{.embedding_size = 16, .clusters = 60, .root_children = 60};
  const auto of = [&](const IndexedForm& what, unsigned threads = 1) {
    return estimate_indexing(x, y, CsrView(), what, threads);
  };
  const IndexEstimate plain = of(form);
  CHECK(plain.memory_bytes > 8 * (x.view().nnz() + y.view().nnz()));
  CHECK(plain.tree_bytes > 4 * 600);
  IndexedForm other = form;
  SECTION("two threads take half the time and more memory") {
    CHECK(of(form, 2).seconds == Approx(plain.seconds / 2));
    CHECK(of(form, 2).memory_bytes > plain.memory_bytes);
  }
  SECTION("whole vectors take more of both") {
    other.embedding_size = 0;
    CHECK(of(other).memory_bytes > plain.memory_bytes);
    CHECK(of(other).seconds > plain.seconds);
  }
  SECTION("a method that does not cluster takes next to nothing") {
    other.with_clusters = false;
    CHECK(of(other).seconds == 0);
    CHECK(of(other).memory_bytes < plain.memory_bytes);
  }
  SECTION("by a sample vectors are made again, the more the larger it is, and few of them are kept") {
    other.sample = 100;
    const IndexEstimate few = of(other);
    CHECK(few.seconds > plain.seconds);
    CHECK(few.memory_bytes < plain.memory_bytes);
    other.sample = 500;
    CHECK(of(other).seconds > few.seconds);
    other.sample = 100;
    other.rounds = 20;
    CHECK(of(other).seconds > few.seconds);
  }
  SECTION("by a sample the sums of very many clusters may be what takes most") {
    other.sample = 500;
    other.root_children = 16000;
    CHECK(of(other).memory_bytes > plain.memory_bytes + std::uint64_t{64} * 300 * 1000 / 2);
  }
}
