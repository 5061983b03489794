#include "xmr/complete/near_keys.hpp"

#include <set>
#include <string>
#include <vector>

#include "xmr/util/random.hpp"

#include "support/catch.hpp"

using namespace xmr;

TEST_CASE("near keys that may hold the typed words are visited, the nearest first") {
  constexpr LabelId kReach = 8;
  Random random(37);
  for (const char* letter : {"c", "é"}) {  // all keys are ASCII, or some are not
    const std::vector<std::string> words{"a", "ab", "abc", "b", "ba", letter};
    std::set<std::string> sorted;
    while (sorted.size() < 60)
      sorted.insert(words[random.below(words.size())] + "-" + words[random.below(words.size())] + "-" +
                    words[random.below(words.size())]);
    StringTableBuilder keys;
    for (const std::string& key : sorted)
      keys.add(key);
    const StringTable table = keys.view();
    for (const char* text : {"ab", "c", "abc b", "-", "e"}) {
      Words typed, of_key;
      typed.read(text);
      const auto holds = [&](LabelId key) { return find_words(typed, table[key], of_key).has_value(); };
      for (LabelId place = 0; place <= table.size(); ++place) {
        constexpr std::size_t kMost = 2;
        std::vector<LabelId> expected, found;
        for (LabelId i = 0, held = 0; i < kReach && place + i < table.size() && held < kMost; ++i)
          if (holds(place + i)) expected.push_back(place + i), ++held;
        for (LabelId i = 1, held = 0; i <= kReach && i <= place && held < kMost; ++i)
          if (holds(place - i)) expected.push_back(place - i), ++held;
        visit_near<kReach>(table, place, kMost, typed, [&](LabelId key) {
          if (!holds(key)) return false;
          found.push_back(key);
          return true;
        });
        CHECK(found == expected);
      }
    }
  }
}
