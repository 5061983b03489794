#pragma once
// A copy of X for the parents that are solved in place (parent_rows.hpp): their rows are visited in random order, pass
// after pass, and X, a mapped file, has pages of 4 KiB. From huge pages the solver takes a fifth less time on M and on
// debian-search. What is learnt is the same.
//
// 8 bytes an entry, until the last of `users` has released it. Thread rule: view() and release() from any thread.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "xmr/sparse/csr.hpp"
#include "xmr/util/huge_pages.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

class CopiedRows {
 public:
  // x must outlive it. users ≥ 1.
  CopiedRows(CsrView x, std::size_t users, Parallel& parallel);

  static std::uint64_t bytes_of(CsrView x) { return 8 * x.nnz(); }

  CsrView view() const { return {x_.rows, x_.cols, x_.indptr, indices_, values_}; }
  // By each user once, which must not visit the view any more.
  void release();

 private:
  CsrView x_;
  HugeVector<std::uint32_t> indices_;
  HugeVector<float> values_;
  std::atomic<std::size_t> users_;
};

}  // namespace xmr
