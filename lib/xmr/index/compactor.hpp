#pragma once
// Copies of some rows of a matrix for clustering them: rows contiguous, and without the columns that fewer than two of
// them use. Those cannot tell which rows belong together, and are half of all columns where features are n-grams.
// Columns are numbered in the order in which the rows first use them.
//
// A copy costs two visits of its entries. Memory of an object: 4 bytes a column of the largest matrix.

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/sparse/csr.hpp"

namespace xmr {

class Compactor {
 public:
  CsrMatrix copy(CsrView from, std::span<const std::uint32_t> rows);

 private:
  std::vector<std::uint32_t> columns_;  // by column: uses, then its number in the copy; 0 between two copies
};

}  // namespace xmr
