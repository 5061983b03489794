#pragma once
// The most frequent of counted labels, for sources of candidates.

#include <algorithm>
#include <cstddef>
#include <vector>

namespace xmr {

// Leaves the `most` (at least 1) numbers with the largest values, of equal values the smallest numbers, in any order.
// Cost: one value(number) for each, and few more: a heap keeps the largest ones so far.
template <class Number, class Value>
void keep_largest(std::vector<Number>& numbers, std::size_t most, const Value& value) {
  if (numbers.size() <= most) return;
  const auto is_better = [&](Number a, Number b) {
    const auto of_a = value(a), of_b = value(b);
    return of_a != of_b ? of_a > of_b : a < b;
  };
  const auto begin = numbers.begin(), kept = begin + static_cast<std::ptrdiff_t>(most);
  std::make_heap(begin, kept, is_better);
  auto least = value(numbers.front());
  for (auto number = kept; number != numbers.end(); ++number) {
    const auto offered = value(*number);
    if (offered < least || (offered == least && *number > numbers.front())) continue;
    std::pop_heap(begin, kept, is_better);
    *(kept - 1) = *number;
    std::push_heap(begin, kept, is_better);
    least = value(numbers.front());
  }
  numbers.erase(kept, numbers.end());
}

}  // namespace xmr
