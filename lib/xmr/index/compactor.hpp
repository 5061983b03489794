#pragma once
// Makes matrices compact for clustering: without the columns that fewer than two rows use. Such columns do not tell
// which rows belong together; they are half of all columns of n-grams. Columns are renumbered in order of first use.
//
// Cost: two visits of the entries. Memory of an object: 4 bytes a column of the largest matrix.

#include <cstdint>
#include <span>
#include <vector>

#include "xmr/sparse/csr.hpp"

namespace xmr {

class Compactor {
 public:
  // Copies some rows, contiguous.
  CsrMatrix copy(CsrView from, std::span<const std::uint32_t> rows);
  // Returns all rows, in the memory of `matrix`. The result equals a copy of all rows.
  CsrMatrix compact(CsrMatrix matrix);

 private:
  void count(SparseRow row);
  // Returns the number of a counted column in the copy, or CsrMatrix::kNoColumn.
  std::uint32_t number(std::uint32_t column);

  std::vector<std::uint32_t> columns_;  // by column: number of uses, then the number in the copy; 0 between copies
  std::uint32_t numbered_ = 0;
  std::size_t kept_ = 0;  // counted entries of columns with two uses or more
};

}  // namespace xmr
