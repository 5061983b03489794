#include "xmr/sparse/slice.hpp"

#include "xmr/sparse/operations.hpp"
#include "xmr/sparse/statistics.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/random_matrix.hpp"

using namespace xmr;
using xmr::test::equal;
using xmr::test::random_matrix;

TEST_CASE("a slice of columns is the transposed slice of the transposed matrix's rows") {
  const CsrMatrix a = random_matrix(40, 30, 0.3, 1);
  const Selection columns = Selection::parse("0,3:10,29");
  CHECK(slice_columns(a, columns).cols() == 9);
  CHECK(equal(slice_columns(a, columns), transpose(slice_rows(transpose(a), columns))));
}

TEST_CASE("slices by a selection and by its complement part a matrix") {
  const CsrMatrix a = random_matrix(300, 20, 0.3, 2);
  const Selection some = Selection::share(0.7, 3);
  const CsrMatrix first = slice_rows(a, some), second = slice_rows(a, some.complement());
  CHECK(first.rows() + second.rows() == 300);
  CHECK(first.view().nnz() + second.view().nnz() == a.view().nnz());
}

TEST_CASE("rows and columns that are not there are refused") {
  const CsrMatrix a = random_matrix(4, 3, 1.0, 1);
  CHECK_THROWS_WITH(slice_rows(a, Selection::parse("4")), "row 4 is not there: there are 4 rows");
  CHECK_THROWS_WITH(slice_columns(a, Selection::parse("1:9")), "column 8 is not there: there are 3 columns");
  CHECK(slice_rows(a, Selection::parse("0:4")).rows() == 4);
}

TEST_CASE("statistics of a matrix count rows, used columns and entries") {
  CsrMatrix a(GENERATE(4U, 1000000U));  // columns fewer and more than entries
  for (const std::uint32_t column : {0U, 1U, 3U})
    a.push(column, static_cast<float>(column) - 1.5F);
  a.end_row();
  a.end_row();
  for (const std::uint32_t column : {1U, 3U})
    a.push(column, 8.0F);
  a.end_row();
  const MatrixStatistics found = statistics(a);
  CHECK(found.row_entries.max == 3);
  CHECK(found.row_entries.median == 2);
  CHECK(found.empty_rows == 1);
  CHECK(found.used_columns == 3);
  CHECK(found.column_entries.min == 1);
  CHECK(found.column_entries.max == 2);
  CHECK(found.min_value == -1.5F);
  CHECK(found.max_value == 8.0F);
  CHECK(statistics(CsrMatrix(0)).row_entries.max == 0);
}
