#include "xmr/complete/word_orders.hpp"

#include <set>
#include <string>

#include "support/catch.hpp"

using namespace xmr;

TEST_CASE("a query in another order keeps its separators, and its second word is begun") {
  Random random(1);
  std::set<std::string> made;
  for (int i = 0; i < 200; ++i)
    made.insert(*reordered("ab-c", random));
  CHECK(made == std::set<std::string>{"c-a", "c-ab"});
  for (int i = 0; i < 200; ++i) {
    const std::string text = *reordered("x 1+y", random);
    CHECK(text.find(' ') == 1);
    CHECK(text.size() > 2);
  }
}

TEST_CASE("a query from a later word on is cut behind at least one character") {
  Random random(2);
  std::set<std::string> made;
  for (int i = 0; i < 500; ++i)
    made.insert(*from_later_word("ab-cd e", random));
  CHECK(made == std::set<std::string>{"c", "cd", "cd ", "cd e", "e"});
  CHECK(*from_later_word("ab \u00e9", random) == "\u00e9");
}

TEST_CASE("a query of one word has no other order") {
  Random random(3);
  for (const char* query : {"", "ab", "-ab-"}) {
    CHECK_FALSE(reordered(query, random));
    CHECK_FALSE(from_later_word(query, random));
  }
}
