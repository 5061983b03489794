#pragma once
// Sorts a large array with all threads. Splitters from an even sample divide the items into ranges; each range is
// sorted with std::sort or with sort_range(std::span<T>). Not stable: items that compare equal must be interchangeable,
// so the result does not depend on the number of threads. Cost: O(n log n / threads) time and a second array.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "xmr/util/parallel.hpp"

namespace xmr {

template <class T, class Less, class SortRange>
void parallel_sort(Parallel& parallel, std::vector<T>& items, Less less, SortRange sort_range) {
  constexpr std::size_t kSmall = std::size_t{1} << 14;
  if (parallel.threads() == 1 || items.size() < kSmall) {
    sort_range(std::span(items));
    return;
  }
  const std::size_t ranges = std::min<std::size_t>(8 * std::size_t{parallel.threads()}, items.size() / 256);
  constexpr std::size_t kSamplesPerRange = 32;
  std::vector<T> sample;
  for (std::size_t i = 0; i < ranges * kSamplesPerRange; ++i)
    sample.push_back(items[i * (items.size() / (ranges * kSamplesPerRange))]);
  std::sort(sample.begin(), sample.end(), less);
  std::vector<T> splitters;
  for (std::size_t i = 1; i < ranges; ++i)
    splitters.push_back(sample[i * kSamplesPerRange]);

  // positions[b * ranges + r] is first the number of items of block b in range r, then their position in the output.
  const std::size_t block = (items.size() + ranges - 1) / ranges;
  std::vector<std::size_t> positions(ranges * ranges);
  std::vector<std::uint16_t> range_of(items.size());
  parallel.for_blocks(items.size(), block, [&](std::size_t begin, std::size_t end, unsigned) {
    std::size_t* const counts = &positions[begin / block * ranges];
    for (std::size_t i = begin; i < end; ++i) {
      const auto above = std::upper_bound(splitters.begin(), splitters.end(), items[i], less);
      range_of[i] = static_cast<std::uint16_t>(above - splitters.begin());
      ++counts[range_of[i]];
    }
  });
  std::vector<std::size_t> range_begin{0};
  for (std::size_t r = 0, sum = 0; r < ranges; ++r) {
    for (std::size_t b = 0; b < ranges; ++b)
      sum += std::exchange(positions[b * ranges + r], sum);
    range_begin.push_back(sum);
  }
  std::vector<T> sorted(items.size());
  parallel.for_blocks(items.size(), block, [&](std::size_t begin, std::size_t end, unsigned) {
    std::size_t* const next = &positions[begin / block * ranges];
    for (std::size_t i = begin; i < end; ++i)
      sorted[next[range_of[i]]++] = items[i];
  });
  parallel.for_each(ranges, [&](std::size_t r, unsigned) {
    sort_range(std::span(sorted).subspan(range_begin[r], range_begin[r + 1] - range_begin[r]));
  });
  items.swap(sorted);
}

template <class T, class Less>
void parallel_sort(Parallel& parallel, std::vector<T>& items, Less less) {
  parallel_sort(parallel, items, less, [&](std::span<T> range) { std::sort(range.begin(), range.end(), less); });
}

}  // namespace xmr
