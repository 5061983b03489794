#pragma once
// Copies a matrix with changed values.
//
//   CsrMatrix scaled = changed_rows(a, [](Row row, std::span<float> values) { normalize(values, Norm::l2); });
//
// Values that become 0 are dropped. Cost: one pass over the entries. Thread rule: pure function.

#include <cstddef>
#include <span>
#include <vector>

#include "xmr/sparse/csr.hpp"

namespace xmr {

template <class Change>
CsrMatrix changed_rows(CsrView a, const Change& change) {
  CsrMatrix out(a.cols);
  out.reserve(a.rows, a.nnz());
  std::vector<float> values;
  for (Row r = 0; r < a.rows; ++r) {
    const SparseRow row = a.row(r);
    values.assign(row.values.begin(), row.values.end());
    change(r, std::span(values));
    for (std::size_t i = 0; i < values.size(); ++i)
      if (values[i] != 0) out.push(row.indices[i], values[i]);
    out.end_row();
  }
  return out;
}

}  // namespace xmr
