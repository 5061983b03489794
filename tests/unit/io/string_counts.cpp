#include "xmr/io/string_counts.hpp"

#include <map>

#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/random_text.hpp"

using namespace xmr;

namespace {

using Counts = std::vector<std::pair<std::string, std::uint64_t>>;

Counts all_of(StringCounts& counts) {
  Counts found;
  counts.for_each([&](std::string_view text, std::uint64_t count) { found.emplace_back(text, count); });
  return found;
}

}  // namespace

TEST_CASE("strings come in the order of their bytes with their counts, in memory and from any number of runs") {
  const std::size_t memory = GENERATE(0, 100'000, 1'000'000, 100'000'000);
  Random random(4);
  StringCounts counts(memory);
  std::map<std::string, std::uint64_t> expected;
  for (int i = 0; i < 20'000; ++i) {
    // The empty string and bytes above 127 among them; one string is longer than the buffer of a run.
    const std::string text = i == 7 ? std::string(200'000, 'x') : test::random_text(random, random.below(4));
    const std::uint64_t count = 1 + random.below(3);
    counts.add(text, count);
    expected[text] += count;
  }
  CHECK(all_of(counts) == Counts(expected.begin(), expected.end()));
}

TEST_CASE("nothing counted is nothing found") {
  StringCounts counts;
  CHECK(all_of(counts).empty());
}
