#pragma once
// Statistics of a matrix for a person.

#include "xmr/sparse/csr.hpp"
#include "xmr/util/spread.hpp"

namespace xmr {

struct MatrixStatistics {
  Spread row_entries;
  std::uint64_t empty_rows = 0;
  Spread column_entries;  // entries of non-empty columns
  std::uint64_t used_columns = 0;
  float min_value = 0, max_value = 0;  // range of the entries; 0 without entries
};

// O(rows + nnz), or O(rows + nnz log nnz) if there are more columns than entries. Memory: 8 bytes a row and up to 12 an
// entry; it does not grow with the number of columns, which a small file may claim to be large.
MatrixStatistics statistics(CsrView a);

}  // namespace xmr
