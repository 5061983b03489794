#include "xmr/util/vector_sort.hpp"

#include <algorithm>
#include <vector>

#include "xmr/util/random.hpp"
#include "xmr/util/targets.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

template <class T>
std::vector<T> random_numbers(Random& random, std::size_t count, std::uint64_t bound) {
  std::vector<T> numbers(count);
  for (T& number : numbers)
    number = static_cast<T>(random.below(bound) * 0x9e3779b97f4a7c15U);
  return numbers;
}

template <class T>
void check_sorted(const std::vector<T>& numbers) {
  std::vector<T> expected = numbers, sorted = numbers;
  std::sort(expected.begin(), expected.end());
  vector_sort(sorted);
  CHECK(sorted == expected);
}

}  // namespace

TEST_CASE("numbers are sorted as std::sort does it, on every instruction set") {
  const std::size_t count = GENERATE(0U, 1U, 2U, 3U, 15U, 16U, 17U, 127U, 128U, 129U, 255U, 257U, 1000U, 70'000U);
  const std::uint64_t bound = GENERATE(1U, 2U, 3U, 100U, 1U << 31);
  Random random(count, bound);
  const std::vector<std::uint32_t> small = random_numbers<std::uint32_t>(random, count, bound);
  const std::vector<std::uint64_t> large = random_numbers<std::uint64_t>(random, count, bound);
  for (std::int64_t rest = supported_targets(); rest != 0; rest &= rest - 1) {
    set_targets_for_test(rest & -rest);
    INFO(hwy::TargetName(rest & -rest) << ", " << count << " numbers below " << bound);
    check_sorted(small);
    check_sorted(large);

    std::vector<KeyedValue> keyed(count);
    for (std::size_t i = 0; i < count; ++i)
      keyed[i] = {.value = i, .key = large[i]};
    vector_sort(keyed);
    std::vector<bool> found(count);
    for (std::size_t i = 0; i < count; ++i) {
      REQUIRE(keyed[i].value < count);
      found[keyed[i].value] = true;
      CHECK(keyed[i].key == large[keyed[i].value]);
    }
    CHECK(std::ranges::is_sorted(keyed, {}, &KeyedValue::key));
    CHECK(std::ranges::count(found, true) == static_cast<std::ptrdiff_t>(count));
  }
  set_targets_for_test(0);
}

TEST_CASE("sorted, falling and repeated numbers are sorted too") {
  std::vector<std::uint32_t> numbers(100'000);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = static_cast<std::uint32_t>(i);
  check_sorted(numbers);
  std::ranges::reverse(numbers);
  check_sorted(numbers);
  for (std::uint32_t& number : numbers)
    number %= 1000;
  check_sorted(numbers);
}
