#pragma once
// Sorts whole numbers with vectors (Highway's VQSort), from about 20 items on two to eight times faster than std::sort.
// Cost: O(n log n) time, no memory. Thread rule: pure functions.

#include <cstdint>
#include <span>

namespace xmr {

struct alignas(16) KeyedValue {
  std::uint64_t value, key;
};

void vector_sort(std::span<std::uint32_t> items);
void vector_sort(std::span<std::uint64_t> items);
// By key. The order of items with equal keys is unspecified.
void vector_sort(std::span<KeyedValue> items);

}  // namespace xmr
