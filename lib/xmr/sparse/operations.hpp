#pragma once
// Operations on sparse matrices. All results satisfy the invariants of csr.hpp and do not depend on the number of
// threads.

#include <cstdint>
#include <span>
#include <string>

#include "xmr/sparse/csr.hpp"
#include "xmr/util/enum_names.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

enum class Norm { none, l1, l2, max };
template <>
struct EnumNames<Norm> {
  static constexpr EnumName<Norm> kTable[] = {
      {Norm::none, "none"},
      {Norm::l1, "l1"},
      {Norm::l2, "l2"},
      {Norm::max, "max"},
  };
};

CsrMatrix identity(std::uint64_t size);                        // at most as many as a matrix has columns
CsrMatrix transpose(CsrView a);                                // O(nnz + rows + cols)
void normalize(std::span<float> values, Norm norm);            // to norm 1; all zeros stay
CsrMatrix normalize_rows(CsrView a, Norm norm);                // a zero row stays a zero row
CsrMatrix select_rows(CsrView a, std::span<const Row> rows);   // in the order given, repeats allowed
CsrMatrix pad_rows(CsrView a, std::uint64_t rows);             // with empty ones; rows ≥ a.rows
CsrMatrix hstack(std::span<const CsrView> parts);              // DataError unless all have as many rows; 2^31 columns
CsrMatrix vstack(std::span<const CsrView> parts);              // DataError unless all have the same number of columns
CsrMatrix multiply(CsrView a, CsrView b, Parallel& parallel);  // a.cols == b.rows, else DataError; O(flops)

// 16 hexadecimal digits over shape and entries: tells whether two matrices are the same.
std::string fingerprint(CsrView a);
// From the checksums of its rows (row_sums.hpp), where they are known.
std::string fingerprint(CsrView a, std::span<const std::uint64_t> sums);

}  // namespace xmr
