#pragma once
// Checksums of blocks of rows. A file of a matrix has them, so that a reader that needs few of its rows checks those
// alone; and they tell matrices apart (fingerprint() in operations.hpp) without another look at their entries.
//
// Cost: two short hashes a row. Thread rule: pure functions; a RowSums belongs to one thread.

#include <cstdint>
#include <vector>

#include "xmr/sparse/csr.hpp"

namespace xmr {

inline constexpr Row kRowsOfSum = 16;

// Of the rows first..last-1 of a block.
std::uint64_t sum_of_rows(CsrView a, Row first, Row last);

// Of all blocks of a matrix whose rows come one after another: 0..15, 16..31, ...
class RowSums {
 public:
  void add(SparseRow row);
  std::vector<std::uint64_t> finish();

 private:
  std::vector<std::uint64_t> sums_;
  std::uint64_t sum_ = 0;  // of the block in work
  Row rows_ = 0;           // in it
};

std::vector<std::uint64_t> row_sums(CsrView a);

}  // namespace xmr
