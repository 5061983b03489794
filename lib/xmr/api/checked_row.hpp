#pragma once
// The check of rows that come from outside of the library. Thread rule: pure functions.

#include <cstdint>
#include <string>

#include "xmr/sparse/csr.hpp"

namespace xmr::api {

// Throws DataError with `name` unless the indices increase and are below `cols`, and the values are finite.
void require_valid(SparseRow row, std::uint64_t cols, const std::string& name);

}  // namespace xmr::api
