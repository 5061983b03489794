#pragma once
// Checksums of blocks of rows. A reader that needs few rows of a matrix checks only their blocks. The checksums also
// identify a matrix (fingerprint() in operations.hpp) without reading its entries.
//
// Cost: two short hashes a row. Thread rule: pure functions; a RowSums belongs to one thread.

#include <cstdint>
#include <vector>

#include "xmr/sparse/csr.hpp"

namespace xmr {

inline constexpr Row kRowsOfSum = 16;

// Returns the checksum of the rows first..last-1 of a block.
std::uint64_t sum_of_rows(CsrView a, Row first, Row last);

// Computes the checksums of all blocks (rows 0..15, 16..31, ...) of a matrix whose rows arrive in order.
class RowSums {
 public:
  void add(SparseRow row);
  std::vector<std::uint64_t> finish();

 private:
  std::vector<std::uint64_t> sums_;
  std::uint64_t sum_ = 0;  // checksum of the current block
  Row rows_ = 0;           // in it
};

std::vector<std::uint64_t> row_sums(CsrView a);

}  // namespace xmr
