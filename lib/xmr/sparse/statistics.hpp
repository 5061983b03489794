#pragma once
// What a person wants to know of a matrix at first sight.

#include "xmr/sparse/csr.hpp"
#include "xmr/util/spread.hpp"

namespace xmr {

struct MatrixStatistics {
  Spread row_entries;
  std::uint64_t empty_rows = 0;
  Spread column_entries;  // of the columns that have any
  std::uint64_t used_columns = 0;
  float min_value = 0, max_value = 0;  // of the entries; 0 if there are none
};

// O(rows + nnz), with more columns than entries O(rows + nnz log nnz). Memory: 8 bytes a row and up to 12 an entry,
// nothing that grows with the number of columns alone: a file that holds little may claim many.
MatrixStatistics statistics(CsrView a);

}  // namespace xmr
