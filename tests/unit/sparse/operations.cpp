#include "xmr/sparse/operations.hpp"

#include <cmath>
#include <limits>

#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/random_matrix.hpp"

using namespace xmr;
using xmr::test::equal;
using xmr::test::random_matrix;

namespace {

std::vector<std::vector<float>> dense(CsrView a) {
  std::vector<std::vector<float>> rows(a.rows, std::vector<float>(a.cols));
  for (Row r = 0; r < a.rows; ++r)
    for (std::size_t i = 0; i < a.row(r).size(); ++i)
      rows[r][a.row(r).indices[i]] = a.row(r).values[i];
  return rows;
}

}  // namespace

TEST_CASE("transposing turns rows into columns, twice gives the matrix back") {
  const CsrMatrix a = random_matrix(17, 9, 0.3, GENERATE(1U, 2U, 3U));
  const CsrMatrix t = transpose(a);
  const auto da = dense(a), dt = dense(t);
  for (std::size_t r = 0; r < 17; ++r)
    for (std::size_t c = 0; c < 9; ++c)
      CHECK(da[r][c] == dt[c][r]);
  CHECK(equal(transpose(t), a));
}

TEST_CASE("a product equals the dense one for any number of threads") {
  const CsrMatrix a = random_matrix(700, 40, 0.1, 1), b = random_matrix(40, 30, 0.2, 2);
  Parallel one(1), many(GENERATE(2U, 7U));
  const CsrMatrix product = multiply(a, b, one);
  CHECK(equal(product, multiply(a, b, many)));
  const auto da = dense(a), db = dense(b), dp = dense(product);
  for (std::size_t r = 0; r < 700; r += 13)
    for (std::size_t c = 0; c < 30; ++c) {
      float sum = 0;
      for (std::size_t k = 0; k < 40; ++k)
        sum += da[r][k] * db[k][c];
      CHECK(dp[r][c] == Approx(sum).margin(1e-6));
    }
  CHECK_THROWS_AS(multiply(a, a, one), DataError);
}

TEST_CASE("a product has no entry where terms cancel each other or are too small for a float") {
  CsrMatrix a(2), b(3);
  for (const std::uint32_t column : {0U, 1U})
    a.push(column, 1.0F);
  a.end_row();
  a.push(0, std::numeric_limits<float>::denorm_min());
  a.end_row();
  for (const float sign : {1.0F, -1.0F}) {
    b.push(0, sign);
    b.push(1, 2.0F);
    b.push(2, 0.25F * sign);
    b.end_row();
  }
  Parallel parallel(1);
  const CsrMatrix product = multiply(a, b, parallel);
  CHECK(product.view().row(0).indices.size() == 1);
  CHECK(product.view().row(0).indices[0] == 1);
  const SparseRow small = product.view().row(1);
  CHECK(std::vector<std::uint32_t>(small.indices.begin(), small.indices.end()) == std::vector<std::uint32_t>{0, 1});
}

TEST_CASE("rows of values whose squares are no floats are normalised, too") {
  for (const float size : {std::numeric_limits<float>::denorm_min(), 1e-40F, 3e38F}) {
    CsrMatrix a(2);
    a.push(0, size);
    a.push(1, -size);
    a.end_row();
    const CsrMatrix normal = normalize_rows(a, Norm::l2);
    CHECK(normal.view().values[0] == Approx(std::sqrt(0.5)));
    CHECK(normal.view().values[1] == Approx(-std::sqrt(0.5)));
  }
}

TEST_CASE("rows are normalised to length 1, a zero row stays") {
  CsrMatrix a(3);
  a.push(0, 3.0F);
  a.push(2, -4.0F);
  a.end_row();
  a.end_row();
  const auto values = [&](Norm norm) {
    const CsrMatrix n = normalize_rows(a, norm);
    return std::vector<float>(n.view().values.begin(), n.view().values.end());
  };
  CHECK(values(Norm::l2) == std::vector<float>{0.6F, -0.8F});
  CHECK(values(Norm::l1) == std::vector<float>{3.0F / 7, -4.0F / 7});
  CHECK(values(Norm::max) == std::vector<float>{0.75F, -1.0F});
  CHECK(values(Norm::none) == std::vector<float>{3.0F, -4.0F});
}

TEST_CASE("a value that is too small for a float once it is normalised is no entry") {
  CsrMatrix a(3);
  a.push(0, 1e10F);
  a.push(1, 1e-37F);
  a.push(2, 1e10F);
  a.end_row();
  const Norm norm = GENERATE(Norm::l1, Norm::l2, Norm::max);
  const CsrMatrix n = normalize_rows(a, norm);
  CHECK(std::vector(n.view().indices.begin(), n.view().indices.end()) == std::vector<std::uint32_t>{0, 2});
  CHECK(n.view().indptr.back() == 2);
}

TEST_CASE("matrices are put side by side and one below the other") {
  const CsrMatrix a = random_matrix(5, 4, 0.5, 1), b = random_matrix(5, 3, 0.5, 2);
  const std::vector<CsrView> side{a, b};
  const auto d = dense(hstack(side)), da = dense(a), db = dense(b);
  for (std::size_t r = 0; r < 5; ++r) {
    CHECK(std::equal(da[r].begin(), da[r].end(), d[r].begin()));
    CHECK(std::equal(db[r].begin(), db[r].end(), d[r].begin() + 4));
  }
  const CsrMatrix stacked = vstack(std::vector<CsrView>{a, a});
  CHECK(stacked.rows() == 10);
  CHECK(equal(select_rows(stacked, std::vector<Row>{5, 6, 7, 8, 9}), a));
  CHECK_THROWS_AS(vstack(side), DataError);
  const CsrMatrix c = random_matrix(4, 3, 0.5, 3);
  CHECK_THROWS_AS(hstack(std::vector<CsrView>{a, c}), DataError);
  // Columns have 32-bit numbers.
  const CsrMatrix widest(kMaxColumns), one(1);
  CHECK(hstack(std::vector<CsrView>{widest}).cols() == kMaxColumns);
  CHECK_THROWS_AS(hstack(std::vector<CsrView>{widest, one}), DataError);
  CHECK_THROWS_AS(hstack(std::vector<CsrView>{widest, widest, widest}), DataError);
}

TEST_CASE("a matrix is made longer by empty rows, and the identity has a 1 in each") {
  const CsrMatrix a(3, {0, 1, 3}, {2, 0, 1}, {1.0F, 2.0F, 3.0F});
  const CsrMatrix longer = pad_rows(a, 4);
  CHECK(test::equal(longer, CsrMatrix(3, {0, 1, 3, 3, 3}, {2, 0, 1}, {1.0F, 2.0F, 3.0F})));
  CHECK(test::equal(pad_rows(a, 2), a));
  CHECK(test::equal(identity(2), CsrMatrix(2, {0, 1, 2}, {0, 1}, {1.0F, 1.0F})));
}
