#include "xmr/complete/typo.hpp"

#include <set>
#include <string>
#include <vector>

#include "xmr/complete/prefix.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

// All strings one edit away, but for the prefix without its last character.
std::set<std::string> edits_of(const std::string& prefix, const std::string& alphabet) {
  std::set<std::string> edits;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    const std::string before = prefix.substr(0, i), behind = prefix.substr(i + 1);
    if (!behind.empty()) {
      edits.insert(before + behind);
      edits.insert(before + behind[0] + prefix[i] + behind.substr(1));
    }
    for (const char c : alphabet) {
      edits.insert(before + c + behind);
      edits.insert(before + c + prefix.substr(i));
    }
  }
  return edits;
}

StringTableBuilder table_of(const std::set<std::string>& keys) {
  StringTableBuilder table;
  for (const std::string& key : keys)
    table.add(key);
  return table;
}

}  // namespace

TEST_CASE("the mended prefix is the most popular of all that are one edit away") {
  const std::string alphabet = "abc";
  Random random(7);
  const auto text = [&](std::size_t least, std::size_t most) {
    std::string letters;
    for (std::size_t n = least + random.below(most - least + 1); n > 0; --n)
      letters += alphabet[random.below(alphabet.size())];
    return letters;
  };
  for (int round = 0; round < 200; ++round) {
    std::set<std::string> keys;
    for (int i = 0; i < 12; ++i)
      keys.insert(text(1, 7));
    const StringTableBuilder table = table_of(keys);
    std::vector<std::uint32_t> counts(keys.size());
    for (std::uint32_t& count : counts)
      count = static_cast<std::uint32_t>(random.below(5));
    const PopularTable popular_table(counts);
    const Popular popular = popular_table.view();
    const StringTable view = table.view();
    TypoSearch mend(view, popular);
    const std::string prefix = text(1, 6);
    std::string expected;
    std::uint64_t most = 0;
    for (const std::string& edited : edits_of(prefix, alphabet)) {  // in the order of bytes
      const LabelRange range = prefix_range(view, edited);
      if (range.empty() || popular.total(range) + 1 <= most) continue;
      most = popular.total(range) + 1;
      expected = edited;
    }
    if (!prefix_range(view, prefix).empty()) continue;
    CHECK(mend(prefix) == expected);
  }
}

TEST_CASE("a prefix of any length, and keys in disorder, take no more time than others") {
  const StringTableBuilder table = table_of({"ka", "kc", "kd", std::string(100000, 'x')});
  const PopularTable popular_table({1, 1, 1, 1});
  const Popular popular = popular_table.view();
  const StringTable keys = table.view();
  TypoSearch mend(keys, popular);
  CHECK(mend("ke") == "ka");
  const auto ending_in_y = [](std::size_t length) {
    std::string text(length, 'x');
    text.back() = 'y';
    return text;
  };
  CHECK(mend(ending_in_y(TypoSearch::kLongest)) == std::string(TypoSearch::kLongest, 'x'));
  CHECK(mend(ending_in_y(90001)).empty());
  StringTableBuilder disorder;
  for (const char* key : {"ka", "za", "kc", "k", "", "kd"})
    disorder.add(key);
  const StringTable disordered = disorder.view();
  const PopularTable other_table({1, 1, 1, 1, 1, 1});
  const Popular others = other_table.view();
  CHECK_FALSE(TypoSearch(disordered, others)("kx").empty());
}

TEST_CASE("an edit is one of characters, not bytes") {
  const StringTableBuilder table = table_of({"gr\u00fcn", "rot"});
  const PopularTable popular_table({1, 1});
  const Popular popular = popular_table.view();
  const StringTable keys = table.view();
  TypoSearch mend(keys, popular);
  CHECK(mend("gr\u00f6n") == "gr\u00fcn");
  CHECK(mend("grn") == "gr\u00fc");  // or "gr\u00fcn", which is as popular
  CHECK(mend("g\u00fcr") == "gr");
  CHECK(mend("rxt") == "rot");
  CHECK(mend("xyz").empty());
  CHECK(mend("").empty());
}
