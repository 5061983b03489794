#include "xmr/sparse/row_sums.hpp"

#include <utility>

#include "xmr/util/hash.hpp"

namespace xmr {
namespace {

std::uint64_t with_row(std::uint64_t sum, SparseRow row) {
  return hash64(row.values, hash64(row.indices, sum));
}

}  // namespace

std::uint64_t sum_of_rows(CsrView a, Row first, Row last) {
  std::uint64_t sum = 0;
  for (Row row = first; row < last; ++row)
    sum = with_row(sum, a.row(row));
  return sum;
}

void RowSums::add(SparseRow row) {
  sum_ = with_row(sum_, row);
  if (++rows_ == kRowsOfSum) {
    sums_.push_back(std::exchange(sum_, 0));
    rows_ = 0;
  }
}

std::vector<std::uint64_t> RowSums::finish() {
  if (rows_ > 0) sums_.push_back(std::exchange(sum_, 0));
  rows_ = 0;
  return std::exchange(sums_, {});
}

std::vector<std::uint64_t> row_sums(CsrView a) {
  RowSums sums;
  for (Row row = 0; row < a.rows; ++row)
    sums.add(a.row(row));
  return sums.finish();
}

}  // namespace xmr
