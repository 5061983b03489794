#include "xmr/api/checked_row.hpp"

#include <cmath>
#include <cstddef>

#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr::api {

void require_valid(SparseRow row, std::uint64_t cols, const std::string& name) {
  if (row.indices.size() != row.values.size())
    throw DataError(name, fmt::format("{} indices, but {} values", row.indices.size(), row.values.size()));
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row.indices[i] >= cols)
      throw DataError(name, fmt::format("index {} at position {} must be below {}", row.indices[i], i, cols));
    if (i > 0 && row.indices[i] <= row.indices[i - 1])
      throw DataError(name,
                      fmt::format("index {} at position {} must be larger than the one before", row.indices[i], i));
    if (!std::isfinite(row.values[i])) throw DataError(name, fmt::format("the value at position {} must be finite", i));
  }
}

}  // namespace xmr::api
