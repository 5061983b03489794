#pragma once
// A copy of the entries of X in huge pages. Training visits rows in random order, and the pages of a mapped X have 4
// KiB. With the copy, the solver takes a fifth less time on M and debian-search, and gathering the rows of a parent
// half as much. The result is the same. Memory: 8 bytes an entry. Thread rule: view() from any thread.

#include <cstddef>
#include <cstdint>

#include "xmr/sparse/csr.hpp"
#include "xmr/util/huge_pages.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

class CopiedRows {
 public:
  // x must outlive it.
  CopiedRows(CsrView x, Parallel& parallel) : x_(x) {
    parallel.for_each(2, [&](std::size_t step, unsigned) {
      if (step == 0)
        indices_.assign(x.indices.begin(), x.indices.end());
      else
        values_.assign(x.values.begin(), x.values.end());
    });
  }

  static std::uint64_t bytes_of(CsrView x) { return 8 * x.nnz(); }
  CsrView view() const { return {x_.rows, x_.cols, x_.indptr, indices_, values_}; }

 private:
  CsrView x_;
  HugeVector<std::uint32_t> indices_;
  HugeVector<float> values_;
};

}  // namespace xmr
