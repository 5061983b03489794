#include "xmr/complete/prefix.hpp"

#include <set>
#include <string>
#include <vector>

#include "xmr/util/random.hpp"
#include "xmr/util/utf8.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

struct Keys {
  std::vector<std::string> texts;
  StringTableBuilder table;

  explicit Keys(const std::set<std::string>& sorted) : texts(sorted.begin(), sorted.end()) {
    for (const std::string& text : texts)
      table.add(text);
  }
  // The labels that begin with it, asked one by one.
  std::vector<LabelId> beginning_with(std::string_view prefix) const {
    std::vector<LabelId> found;
    for (LabelId label = 0; label < texts.size(); ++label)
      if (texts[label].starts_with(prefix)) found.push_back(label);
    return found;
  }
};

std::string random_key(Random& random) {
  static const std::vector<std::string> characters{"a", "b", " ", "é", "è", "漢", "\xF4\x8F\xBF\xBF"};
  std::string key;
  for (std::uint64_t n = random.below(5); n > 0; --n)
    key += characters[random.below(characters.size())];
  return key;
}

}  // namespace

TEST_CASE("the place of a text is found among the keys that begin as it does") {
  Random random(41);
  for (int round = 0; round < 100; ++round) {
    std::set<std::string> sorted;
    for (int i = 0; i < 30; ++i)
      sorted.insert(random_key(random));
    const Keys keys(sorted);
    const std::string prefix = random_key(random), text = prefix + random_key(random);
    const StringTable table = keys.table.view();
    CHECK(place_of(table, text, prefix_range(table, prefix)) == place_of(table, text));
  }
}

TEST_CASE("the keys that begin with a prefix are a range") {
  const Keys keys({"a", "a b", "ab", "abc", "b", "é"});
  const auto range = [&](std::string_view prefix) {
    const LabelRange found = prefix_range(keys.table.view(), prefix);
    return std::pair(found.first, found.last);
  };
  CHECK(range("") == std::pair<LabelId, LabelId>(0, 6));
  CHECK(range("a") == std::pair<LabelId, LabelId>(0, 4));
  CHECK(range("a ") == std::pair<LabelId, LabelId>(1, 2));    // a trailing blank asks for another word
  CHECK(range("abc") == std::pair<LabelId, LabelId>(3, 4));   // equal to a key
  CHECK(range("abcd") == std::pair<LabelId, LabelId>(4, 4));  // longer than any
  CHECK(range("z") == std::pair<LabelId, LabelId>(5, 5));
}

TEST_CASE("a prefix is found as one by one, and cut to what is known") {
  Random random(21);
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    std::set<std::string> texts;
    for (std::uint64_t n = 1 + random.below(30); n > 0; --n)
      texts.insert("x" + random_key(random));
    const Keys keys(texts);
    const std::string prefix = (random.below(4) == 0 ? "" : "x") + random_key(random);
    const LabelRange range = prefix_range(keys.table.view(), prefix);
    const std::vector<LabelId> expected = keys.beginning_with(prefix);
    REQUIRE(range.size() == expected.size());
    if (!expected.empty()) CHECK(range.first == expected.front());

    const std::string_view known = known_prefix(keys.table.view(), prefix);
    CHECK(prefix.starts_with(known));
    CHECK(find_invalid_utf8(known) == std::string_view::npos);
    CHECK_FALSE(keys.beginning_with(known).empty());
    if (known.size() < prefix.size()) {
      const std::size_t next = decode_utf8(std::string_view(prefix).substr(known.size())).length;
      CHECK(keys.beginning_with(std::string_view(prefix).substr(0, known.size() + next)).empty());
    }
  }
}
