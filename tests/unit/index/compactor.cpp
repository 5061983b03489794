#include "xmr/index/compactor.hpp"

#include <numeric>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/random_matrix.hpp"

using namespace xmr;
using namespace xmr::test;

TEST_CASE("a compact copy leaves out the columns that only one of its rows has") {
  CsrMatrix matrix(10);
  for (const std::vector<std::uint32_t>& columns : {std::vector{1U, 7U, 9U}, {0U, 2U}, {7U}, {2U, 7U, 9U}, {}}) {
    for (const std::uint32_t column : columns)
      matrix.push(column, static_cast<float>(column) + 0.5F);
    matrix.end_row();
  }
  Compactor compactor;
  const std::vector<std::uint32_t> rows{0, 2, 3, 4};
  for (int again = 0; again < 2; ++again) {
    const CsrMatrix copy = compactor.copy(matrix, rows);
    CHECK(copy.cols() == 2);  // 7, then 9
    CHECK(std::ranges::equal(copy.view().indptr, std::vector<Offset>{0, 2, 3, 5, 5}));
    CHECK(std::ranges::equal(copy.view().indices, std::vector{0U, 1U, 0U, 0U, 1U}));
    CHECK(std::ranges::equal(copy.view().values, std::vector{7.5F, 9.5F, 7.5F, 7.5F, 9.5F}));
  }
}

TEST_CASE("a matrix is made compact in place as a copy of all its rows") {
  Compactor compactor;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CsrMatrix matrix = random_matrix(30, 10 + 20 * seed, 0.1, seed);
    std::vector<std::uint32_t> rows(30);
    std::iota(rows.begin(), rows.end(), 0U);
    const CsrMatrix copy = compactor.copy(matrix, rows);
    CHECK(equal(compactor.compact(std::move(matrix)), copy));
  }
  CHECK(compactor.compact(CsrMatrix(5)).rows() == 0);
}
