#pragma once
// Random problems for the tests of train/.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "xmr/sparse/csr.hpp"
#include "xmr/util/random.hpp"

namespace xmr::test {

// Rows of l2 norm 1 (a few of them empty); low features are frequent, high ones rare, as words are.
inline CsrMatrix random_rows(std::uint64_t rows, std::uint32_t cols, unsigned per_row, std::uint64_t seed) {
  Random random(seed);
  CsrMatrix matrix(cols);
  for (std::uint64_t row = 0; row < rows; ++row) {
    std::vector<float> values(cols);
    if (random.below(50) != 0)
      for (unsigned i = 0; i < per_row; ++i) {
        const double u = random.uniform();
        values[static_cast<std::size_t>(u * u * u * cols)] += static_cast<float>(0.2 + random.uniform());
      }
    float norm = 0;
    for (const float value : values)
      norm += value * value;
    for (std::uint32_t col = 0; col < cols; ++col)
      if (values[col] != 0) matrix.push(col, values[col] / std::sqrt(norm));
    matrix.end_row();
  }
  return matrix;
}

// Labels that depend on the features: label l is given where a row has one of a few features, and now and then anyway.
// The last label and every 30th row get none.
inline CsrMatrix random_labels(CsrView x, std::uint32_t labels, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::uint32_t> label_of(x.cols);
  for (std::uint32_t& label : label_of)
    label = static_cast<std::uint32_t>(random.below(labels));
  CsrMatrix y(labels);
  for (Row row = 0; row < x.rows; ++row) {
    std::vector<std::uint32_t> found;
    for (const std::uint32_t feature : x.row(row).indices)
      if (random.below(4) == 0) found.push_back(label_of[feature]);
    if (random.below(10) == 0) found.push_back(static_cast<std::uint32_t>(random.below(labels)));
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    if (row % 30 != 29)
      for (const std::uint32_t label : found)
        if (labels == 1 || label + 1 != labels) y.push(label, 1);
    y.end_row();
  }
  return y;
}

}  // namespace xmr::test
