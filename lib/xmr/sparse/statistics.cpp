#include "xmr/sparse/statistics.hpp"

#include <algorithm>

namespace xmr {
namespace {

// Returns the counts of the numbers of 0..bound-1 that occur.
std::vector<std::uint64_t> occurrences(std::span<const std::uint32_t> numbers, std::uint64_t bound) {
  std::vector<std::uint64_t> counts;
  if (bound <= numbers.size()) {
    counts.resize(bound);
    for (const std::uint32_t number : numbers)
      ++counts[number];
    std::erase(counts, 0U);
    return counts;
  }
  std::vector<std::uint32_t> sorted(numbers.begin(), numbers.end());
  std::ranges::sort(sorted);
  for (auto begin = sorted.begin(); begin != sorted.end();) {
    const auto end = std::upper_bound(begin, sorted.end(), *begin);
    counts.push_back(static_cast<std::uint64_t>(end - begin));
    begin = end;
  }
  return counts;
}

}  // namespace

MatrixStatistics statistics(CsrView a) {
  std::vector<std::uint64_t> row_entries;
  row_entries.reserve(a.rows);
  for (Row r = 0; r < a.rows; ++r)
    row_entries.push_back(a.row(r).size());
  std::vector<std::uint64_t> column_entries = occurrences(a.indices, a.cols);

  MatrixStatistics found;
  found.empty_rows = static_cast<std::uint64_t>(std::ranges::count(row_entries, 0U));
  found.row_entries = spread(std::move(row_entries));
  found.used_columns = column_entries.size();
  found.column_entries = spread(std::move(column_entries));
  if (a.nnz() > 0) {
    const auto [min, max] = std::ranges::minmax(a.values);
    found.min_value = min;
    found.max_value = max;
  }
  return found;
}

}  // namespace xmr
