#include "xmr/lexical/label_documents.hpp"

#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/random_matrix.hpp"

using namespace xmr;

namespace {

CsrMatrix rows(std::uint64_t cols, const std::vector<std::vector<std::pair<std::uint32_t, float>>>& entries) {
  CsrMatrix matrix(cols);
  for (const auto& row : entries) {
    for (const auto& [column, value] : row)
      matrix.push(column, value);
    matrix.end_row();
  }
  return matrix;
}

}  // namespace

TEST_CASE("a text counts for each of its labels, whatever their weights") {
  Parallel parallel;
  const CsrMatrix x = rows(3, {{{0, 2}, {1, 1}}, {{1, 1}}, {{2, 1}}});
  const CsrMatrix y = rows(3, {{{0, 0.5F}, {1, 3}}, {{1, 1}}, {}});
  const CsrMatrix documents = rows(3, {{{0, 2}, {1, 1}}, {{0, 2}, {1, 2}}, {}});
  CHECK(test::equal(documents_of_rows(x, y, parallel), documents));
}

TEST_CASE("the text of a label is one more row of it") {
  Parallel parallel;
  const CsrMatrix x = rows(3, {{{0, 2}}}), y = rows(2, {{{1, 1}}});
  const CsrMatrix texts = rows(3, {{{2, 1}}, {{0, 1}, {2, 4}}});
  const CsrMatrix documents = rows(3, {{{2, 1}}, {{0, 3}, {2, 4}}});
  CHECK(test::equal(documents_of_rows_and_texts(x, y, texts, parallel), documents));
}

TEST_CASE("values that are no counts are refused") {
  const auto message = [](float value) {
    try {
      require_counts(rows(2, {{}, {{1, value}}}), 0, 2, "X.npz");
    } catch (const DataError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  CHECK(message(1) == "accepted");
  CHECK(message(16777216) == "accepted");
  CHECK(message(0.5F) == "X.npz: row 1: feature 1 has the value 0.5, BM25 needs counts");
  CHECK(message(1.5F) == "X.npz: row 1: feature 1 has the value 1.5, BM25 needs counts");
  CHECK(message(-1) == "X.npz: row 1: feature 1 has the value -1, BM25 needs counts");
  CHECK(message(1e9F) == "X.npz: row 1: feature 1 has the value 1000000000, BM25 needs counts");
}
