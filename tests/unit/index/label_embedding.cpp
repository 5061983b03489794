#include "xmr/index/label_embedding.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/plain_clustering.hpp"
#include "support/random_matrix.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

CsrMatrix embed(CsrView x, CsrView y, CsrView label_features, EmbeddingOptions options, unsigned threads = 1) {
  Parallel parallel(threads);
  return embed_labels(x, y, label_features, options, parallel);
}

constexpr EmbeddingOptions kWhole{Norm::l2, 0};

void check_equal(CsrView got, const DenseRows& expected) {
  const DenseRows rows = dense(got);
  REQUIRE(rows.size() == expected.size());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    REQUIRE(rows[r].size() == expected[r].size());
    for (std::size_t c = 0; c < rows[r].size(); ++c)
      REQUIRE(rows[r][c] == Approx(expected[r][c]).margin(1e-6));
  }
}

double length(SparseRow row) {
  double squares = 0;
  for (const float value : row.values)
    squares += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(squares);
}

}  // namespace

TEST_CASE("a label's vector is the weighted sum of its rows, of length 1") {
  const std::uint64_t features = GENERATE(1, 63, 64, 65, 4096, 9000);
  const CsrMatrix x = random_matrix(60, features, 20.0 / static_cast<double>(features + 20), 1);
  const CsrMatrix y = random_matrix(60, 37, 0.1, 2, true);
  check_equal(embed(x, y, {}, kWhole), plain_embedding(x, y, {}));
}

TEST_CASE("label features stand beside the sum of the rows") {
  const CsrMatrix x = random_matrix(30, 50, 0.2, 1), y = random_matrix(30, 12, 0.1, 2, true);
  const CsrMatrix z = random_matrix(12, 70, 0.1, 3);
  const CsrMatrix vectors = embed(x, y, z, kWhole);
  CHECK(vectors.cols() == 120);
  check_equal(vectors, plain_embedding(x, y, z));
}

TEST_CASE("a label without rows has its label features, or nothing") {
  const CsrMatrix x = random_matrix(5, 8, 0.9, 1);
  const CsrMatrix y(3, {0, 1, 2, 2, 2, 2}, {0, 0}, {1.0F, 2.0F});
  const CsrMatrix z(4, {0, 1, 2, 2}, {3, 2}, {5.0F, -0.5F});
  const CsrMatrix vectors = embed(x, y, z, kWhole);
  CHECK(vectors.view().row(1).indices[0] == 10);
  CHECK(vectors.view().row(1).values[0] == -1.0F);
  CHECK(vectors.view().row(2).size() == 0);
  CHECK(embed(x, y, {}, kWhole).view().row(1).size() == 0);
}

TEST_CASE("the norm of Y decides what a row with several labels counts") {
  const CsrMatrix x(2, {0, 1, 2}, {0, 1}, {1.0F, 1.0F});
  const CsrMatrix y(2, {0, 1, 3}, {0, 0, 1}, {1.0F, 3.0F, 4.0F});
  const auto ratio = [&](Norm norm) {
    const CsrMatrix vectors = embed(x, y, {}, {norm, 0});
    return vectors.view().values[1] / vectors.view().values[0];
  };
  CHECK(ratio(Norm::none) == Approx(3.0));
  CHECK(ratio(Norm::l1) == Approx(3.0 / 7));
  CHECK(ratio(Norm::l2) == Approx(3.0 / 5));
  CHECK(ratio(Norm::max) == Approx(3.0 / 4));
}

TEST_CASE("a short vector keeps the entries that differ most from the mean, minus the mean") {
  const CsrMatrix x = random_matrix(80, 200, 0.2, 1, true), y = random_matrix(80, 40, 0.1, 2, true);
  const DenseRows whole = plain_embedding(x, y, {});
  std::vector<double> mean(200, 0.0);
  for (const auto& row : whole)
    for (std::size_t c = 0; c < 200; ++c)
      mean[c] += row[c] / 40;

  const CsrMatrix vectors = embed(x, y, {}, {Norm::l2, 10});
  for (Row r = 0; r < 40; ++r) {
    const SparseRow row = vectors.view().row(r);
    REQUIRE(row.size() <= 10);
    double least = 1;
    for (std::size_t i = 0; i < row.size(); ++i) {
      CHECK(row.values[i] == Approx(whole[r][row.indices[i]] - mean[row.indices[i]]).margin(1e-6));
      least = std::min(least, std::fabs(static_cast<double>(row.values[i])));
    }
    for (std::uint32_t c = 0; c < 200; ++c)
      if (whole[r][c] != 0 && std::ranges::find(row.indices, c) == row.indices.end())
        CHECK(std::fabs(whole[r][c] - mean[c]) <= least + 1e-6);
  }
}

TEST_CASE("of entries that differ equally the first are kept") {
  const CsrMatrix x(8, {0, 4, 8}, {0, 1, 2, 3, 4, 5, 6, 7}, std::vector<float>(8, 1.0F));
  const CsrMatrix y(2, {0, 1, 2}, {0, 1}, {1, 1});
  const CsrMatrix vectors = embed(x, y, {}, {Norm::l2, 2});
  CHECK(std::ranges::equal(vectors.view().indices, std::vector<std::uint32_t>{0, 1, 4, 5}));
}

TEST_CASE("label vectors are the same for any number of threads", "[threads]") {
  const CsrMatrix x = random_matrix(500, 300, 0.1, 1), y = random_matrix(500, 3000, 0.003, 2, true);
  const std::uint32_t size = GENERATE(0, 20);
  const CsrMatrix expected = embed(x, y, {}, {Norm::l2, size});
  CHECK(equal(embed(x, y, {}, {Norm::l2, size}, 2), expected));
  CHECK(equal(embed(x, y, {}, {Norm::l2, size}, 7), expected));
}

TEST_CASE("vectors of some labels, together or in blocks, are those that all labels have", "[threads]") {
  const CsrMatrix x = random_matrix(500, 300, 0.1, 1), y = random_matrix(500, 3000, 0.003, 2, true);
  Parallel parallel(3);
  const LabelEmbedding embedding(x, y, {}, {Norm::l2, 20}, parallel);
  const std::vector<float> mean = embedding.mean();
  const CsrMatrix all = embedding.vectors(mean);
  std::vector<LabelId> labels;  // in no order, some twice
  for (LabelId i = 0; i < 1000; ++i)
    labels.push_back(i * 1001 % 2500);
  const CsrMatrix some = embedding.vectors_of(labels, mean);
  CHECK(equal(some, select_rows(all, std::vector<Row>(labels.begin(), labels.end()))));
  std::vector<CsrMatrix> rows(labels.size());
  embedding.vectors_of(labels, mean, [&](std::size_t first, const CsrMatrix& block) {
    for (Row row = 0; row < block.rows(); ++row)
      rows[first + row].append_row(block.view().row(row));
  });
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(std::ranges::equal(rows[i].view().indices, some.view().row(i).indices));
    CHECK(std::ranges::equal(rows[i].view().values, some.view().row(i).values));
  }
}

TEST_CASE("values of any size that can be added give vectors of length 1") {
  const float scale = GENERATE(1e-38F, 1e-20F, 1e30F);
  const CsrMatrix x(3, {0, 2, 4}, {0, 1, 1, 2}, {scale, scale, scale, -scale});
  const CsrMatrix y(1, {0, 1, 2}, {0, 0}, {1, 1});
  CHECK(length(embed(x, y, {}, kWhole).view().row(0)) == Approx(1.0));
}

TEST_CASE("rejects what does not fit together and sums that overflow") {
  const CsrMatrix x = random_matrix(5, 4, 0.9, 1), y = random_matrix(5, 3, 0.9, 2, true);
  CHECK_THROWS_AS(embed(x, random_matrix(6, 3, 0.5, 1), {}, {}), DataError);
  CHECK_THROWS_AS(embed(x, random_matrix(5, 0, 0.5, 1), {}, {}), DataError);
  CHECK_THROWS_AS(embed(x, y, random_matrix(4, 9, 0.5, 1), {}), DataError);
  const float most = std::numeric_limits<float>::max();
  const CsrMatrix huge(1, {0, 1, 2}, {0, 0}, {most, most});
  CHECK_THROWS_WITH(embed(huge, CsrMatrix(1, {0, 1, 2}, {0, 0}, {1, 1}), {}, kWhole),
                    "label 0: the sum of its rows overflows");
}
