#pragma once
// The plain way to read instances as text, against which the fast one is checked: streams, maps, one line at a time.
// It reads well-formed text and does not look for mistakes.

#include <cstdint>
#include <istream>
#include <map>
#include <vector>

#include "xmr/sparse/csr.hpp"
#include "xmr/sparse/text_matrix.hpp"

namespace xmr::test {

struct OracleText {
  using SparseMap = std::map<std::uint32_t, float>;
  std::vector<SparseMap> features, labels;           // by row
  std::uint64_t feature_count = 0, label_count = 0;  // the header's, or the largest id plus 1
};

OracleText read_text_plainly(std::istream& in, TextForm form, const TextDialect& dialect);

// Returns a matrix, without entries that are 0.
CsrMatrix matrix_of(const std::vector<OracleText::SparseMap>& rows, std::uint64_t cols);

}  // namespace xmr::test
