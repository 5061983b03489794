#include "xmr/index/two_means.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "support/catch.hpp"
#include "support/plain_clustering.hpp"
#include "support/random_matrix.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

using Members = std::vector<std::uint32_t>;

Members first(std::uint32_t count) {
  Members members(count);
  std::iota(members.begin(), members.end(), 0U);
  return members;
}

Members split(CsrView vectors, Members members, std::size_t cut, std::uint64_t seed, unsigned threads = 1,
              unsigned rounds = 20) {
  Parallel parallel(threads);
  TwoMeans(parallel).split(vectors, members, cut, Random(seed), rounds);
  return members;
}

}  // namespace

TEST_CASE("2-means gives the sides the sizes that were asked for and keeps their members in order") {
  const CsrMatrix vectors = random_matrix(57, 40, 0.2, 1);
  for (const std::size_t cut : {1, 20, 28, 56}) {
    const Members members = split(vectors, first(57), cut, 3);
    CHECK(std::is_sorted(members.begin(), members.begin() + static_cast<std::ptrdiff_t>(cut)));
    CHECK(std::is_sorted(members.begin() + static_cast<std::ptrdiff_t>(cut), members.end()));
    Members sorted = members;
    std::ranges::sort(sorted);
    CHECK(sorted == first(57));
  }
}

TEST_CASE("2-means splits only the members that it was given") {
  const CsrMatrix vectors = random_matrix(30, 10, 0.5, 2);
  Members members = split(vectors, {3, 4, 10, 11, 29}, 2, 1);
  std::ranges::sort(members);
  CHECK(members == Members{3, 4, 10, 11, 29});
}

TEST_CASE("2-means finds two groups that have little in common") {
  Random random(1);
  CsrMatrix vectors(23);
  for (std::uint32_t r = 0; r < 400; ++r) {
    vectors.push(r % 2, 1.0F);
    vectors.push(static_cast<std::uint32_t>(2 + r % 2 * 10 + random.below(10)), 1.0F);
    vectors.push(22, 1.0F);
    vectors.end_row();
  }
  int found = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Members members = split(vectors, first(400), 200, seed);
    found += std::ranges::all_of(members.begin(), members.begin() + 200,
                                 [&](std::uint32_t member) { return member % 2 == members[0] % 2; })
                 ? 1
                 : 0;
  }
  CHECK(found >= 10);  // two seeds of one group, half of all, often end in a worse split
}

TEST_CASE("2-means does what the plain implementation does") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto count = static_cast<std::uint32_t>(2 + seed * 7);
    const CsrMatrix vectors = random_matrix(count, 30, 0.3, seed);
    const std::size_t cut = 1 + seed % (count - 1);
    Members expected = first(count);
    plain_two_means(dense(vectors), expected, cut, Random(seed), 20);
    CHECK(split(vectors, first(count), cut, seed) == expected);
  }
}

TEST_CASE("2-means splits by number what cannot be told apart") {
  CsrMatrix zeros(5), equal_rows(5);
  for (int r = 0; r < 7; ++r) {
    zeros.end_row();
    equal_rows.push(2, 0.5F);
    equal_rows.end_row();
  }
  CHECK(split(zeros, first(7), 3, 1) == first(7));
  CHECK(split(equal_rows, first(7), 3, 1) == first(7));
  CHECK(split(CsrMatrix(0, {0, 0, 0}, {}, {}), first(2), 1, 1) == first(2));
}

TEST_CASE("2-means gives the same sides for any number of threads", "[threads]") {
  const CsrMatrix vectors = random_matrix(9000, 300, 0.03, 5);
  const Members expected = split(vectors, first(9000), 4500, 1);
  CHECK(split(vectors, first(9000), 4500, 1, 2) == expected);
  CHECK(split(vectors, first(9000), 4500, 1, 7) == expected);
}
