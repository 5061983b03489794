#include "xmr/util/random.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "xmr/util/hash.hpp"

#include "support/catch.hpp"

using namespace xmr;

TEST_CASE("a stream of random numbers is named by seed and stream") {
  Random a(1, 2), same(1, 2), other_seed(2, 2), other_stream(1, 3);
  const std::uint64_t first = a.next();
  CHECK(first == same.next());
  CHECK(first != other_seed.next());
  CHECK(first != other_stream.next());
}

TEST_CASE("random numbers are the same on every machine") {
  Random random(42);
  CHECK(random.next() == 0x7d995d697d371fb1U);
  CHECK(random.below(1000) < 1000);
}

TEST_CASE("numbers below a bound are spread evenly") {
  Random random(7);
  std::vector<int> counts(5);
  for (int i = 0; i < 50000; ++i)
    ++counts[random.below(5)];
  for (const int count : counts)
    CHECK(std::abs(count - 10000) < 500);
}

TEST_CASE("a shuffle is a permutation") {
  std::vector<int> values(100), sorted(100);
  std::iota(values.begin(), values.end(), 0);
  sorted = values;
  Random(3).shuffle(std::span(values));
  CHECK(values != sorted);
  std::sort(values.begin(), values.end());
  CHECK(values == sorted);
}

TEST_CASE("a fingerprint does not depend on how the content is cut") {
  CHECK(Fingerprint().add("abc").add("def").hex() == Fingerprint().add("abcdef").hex());
  CHECK(Fingerprint().add("abc").hex() != Fingerprint().add("abd").hex());
  CHECK(Fingerprint().hex().size() == 16);
}
