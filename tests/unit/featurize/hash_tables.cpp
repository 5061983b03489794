#include <array>
#include <map>
#include <string>
#include <vector>

#include "xmr/featurize/gram_table.hpp"
#include "xmr/featurize/word_table.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"

using namespace xmr;

TEST_CASE("a slot table keeps entries of equal hashes apart, through growth") {
  SlotTable table;
  std::map<std::uint32_t, std::uint32_t> keys;  // key → entry; few hashes, some at the very end of the table
  Random random(1);
  for (int i = 0; i < 5000; ++i) {
    const auto key = static_cast<std::uint32_t>(random.below(3000));
    const std::uint32_t hash = ~(key % 97) * (key % 2);
    const auto next = static_cast<std::uint32_t>(keys.size());
    const std::uint32_t expected = keys.try_emplace(key, next).first->second;
    REQUIRE(table.find_or_insert(hash, next, [&](std::uint32_t entry) { return keys[key] == entry; }) == expected);
  }
  CHECK(table.size() == keys.size());
  for (const auto& [key, entry] : keys)
    CHECK(table.view().find(~(key % 97) * (key % 2), [&, e = entry](std::uint32_t i) { return i == e; }) == entry);
}

TEST_CASE("a slot table made for some entries does not grow before they are in") {
  for (const std::size_t entries : {0U, 1U, 2U, 3U, 7U, 100U, 1001U}) {
    SlotTable table(entries);
    const Slot* const memory = table.slots().data();
    for (std::uint32_t i = 0; i < entries; ++i)
      table.insert(i * 0x9E3779B9U, i);
    CHECK(table.slots().data() == memory);
  }
}

TEST_CASE("looking up ends on any content of the slots") {
  const auto never = [](std::uint32_t) { return false; };
  CHECK(SlotView().find(5, never) == kNoEntry);
  const std::vector<Slot> full(7, Slot{5, 3});
  CHECK(SlotView(full).find(5, never) == kNoEntry);

  // Entries that do not exist, as a damaged file may have them.
  const std::vector<Slot> wild(7, Slot{word_hash("x"), 12345});
  CHECK(WordTable(SlotView(wild), {}).number("x", word_hash("x"), 12345) == kNoEntry);
  const std::uint32_t symbol = 1;
  const Gram gram{&symbol, 1, word_hash("x")};
  CHECK(GramTable(SlotView(wild), {}).find(gram, 12345) == kNoEntry);
}

TEST_CASE("words of equal hash are different words") {
  WordCollector words;
  CHECK(words.number("a", 7) == 0);
  CHECK(words.number("b", 7) == 1);
  CHECK(words.number("", 7) == 2);
  CHECK(words.number("a", 7) == 0);
  CHECK(words.number("b", 8) == 3);  // hashes are trusted: equal words have equal ones
  CHECK(words.word(1) == "b");
}

TEST_CASE("words are the same only if all their bytes are") {
  std::string word;
  for (std::size_t size = 0; size < 40; ++size, word += static_cast<char>('a' + size % 26)) {
    CHECK(same_word(word, std::string(word)));
    CHECK_FALSE(same_word(word, word + "x"));
    for (std::size_t i = 0; i < size; ++i) {
      std::string other = word;
      other[i] = '-';
      if (same_word(word, other)) FAIL("byte " << i << " of " << size);
    }
  }
}

TEST_CASE("an n-gram is none of its beginnings, and counts once a row") {
  GramCounter counter(3);
  const std::array<std::uint32_t, 3> symbols = {1, 2, 3};
  const auto gram = [&](std::uint32_t n) { return Gram{symbols.data(), n, 7}; };  // all of one hash
  counter.count(gram(3), counter.prefetch_likely(7), 1);
  counter.count(gram(1), counter.prefetch_likely(7), 1);
  counter.count(gram(2), counter.prefetch_likely(7), 2);
  counter.count(gram(3), counter.prefetch_likely(7), 2);
  counter.count(gram(3), counter.prefetch_likely(7), 2);
  REQUIRE(counter.size() == 3);
  CHECK(counter.rows(0) == 2);
  CHECK(counter.rows(1) == 1);
  CHECK(counter.rows(2) == 1);
  CHECK(counter.grams()[0].size() == 3);
  CHECK(counter.grams()[1].size() == 1);
}
