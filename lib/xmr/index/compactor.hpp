#pragma once
// Copies some rows of a matrix for clustering: contiguous, and without the columns that fewer than two of them use.
// Such columns do not tell which rows belong together; they are half of all columns of n-grams. Columns are renumbered
// in order of first use.
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
  std::vector<std::uint32_t> columns_;  // by column: number of uses, then the number in the copy; 0 between copies
};

}  // namespace xmr
