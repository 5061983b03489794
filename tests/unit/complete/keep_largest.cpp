#include "xmr/complete/keep_largest.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "xmr/util/random.hpp"

#include "support/catch.hpp"

using namespace xmr;

TEST_CASE("the numbers with the largest values are kept, of equal values the smallest numbers") {
  Random random(31);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::uint64_t> values(random.below(60));
    for (std::uint64_t& value : values)
      value = random.below(12);
    std::vector<std::uint32_t> numbers(values.size());
    std::iota(numbers.begin(), numbers.end(), std::uint32_t{0});
    std::vector<std::uint32_t> expected = numbers;
    std::ranges::stable_sort(expected, [&](auto a, auto b) { return values[a] > values[b]; });
    const std::size_t most = 1 + random.below(20);
    expected.resize(std::min(most, expected.size()));
    std::ranges::reverse(numbers);  // in any order
    keep_largest(numbers, most, [&](std::uint32_t i) { return values[i]; });
    std::ranges::sort(numbers);
    std::ranges::sort(expected);
    CHECK(numbers == expected);
  }
}
