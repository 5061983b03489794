#pragma once
// Random sparse matrices for property tests.

#include <algorithm>
#include <cstdint>

#include "xmr/sparse/csr.hpp"
#include "xmr/util/random.hpp"

namespace xmr::test {

// Every entry is there with probability `density`; values are in (-1, 1), or in (0, 1) if `positive`, and never 0.
inline CsrMatrix random_matrix(std::uint64_t rows, std::uint64_t cols, double density, std::uint64_t seed,
                               bool positive = false) {
  Random random(seed);
  CsrMatrix matrix(cols);
  for (std::uint64_t r = 0; r < rows; ++r) {
    for (std::uint32_t c = 0; c < cols; ++c) {
      if (random.uniform() >= density) continue;
      const auto value = static_cast<float>(random.uniform() * 0.998 + 0.001);
      matrix.push(c, positive || random.below(2) == 0 ? value : -value);
    }
    matrix.end_row();
  }
  return matrix;
}

inline bool equal(CsrView a, CsrView b) {
  return a.rows == b.rows && a.cols == b.cols && std::ranges::equal(a.indptr, b.indptr) &&
         std::ranges::equal(a.indices, b.indices) && std::ranges::equal(a.values, b.values);
}

}  // namespace xmr::test
