#include "xmr/complete/session_counts.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "xmr/util/random.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

using Counts = std::map<std::string, std::map<LabelId, std::uint32_t>>;

Counts as_map(const PairTable& table) {
  Counts counts;
  const StringTable previous = table.previous.view();
  for (std::size_t i = 0; i < previous.size(); ++i)
    for (std::uint64_t at = table.offsets[i]; at < table.offsets[i + 1]; ++at)
      counts[std::string(previous[i])][table.labels[at]] = table.counts[at];
  return counts;
}

}  // namespace

TEST_CASE("sessions are counted as by looking at all their queries") {
  StringTableBuilder table;
  const std::vector<std::string> labels{"a", "b", "c", "d", "e"};
  for (const std::string& label : labels)
    table.add(label);
  const StringTable keys = table.view();
  Random random(3);
  SessionCounter counter(keys);
  std::vector<std::uint32_t> popular(5);
  Counts pairs, together;
  for (int session = 0; session < 50; ++session) {
    // A query that is no label begins each, so that none goes on with the one before.
    std::vector<std::string> queries{"start " + std::to_string(session)};
    for (std::uint64_t n = random.below(25); n > 0; --n) {
      const std::string query(1, static_cast<char>('a' + random.below(7)));  // f and g are no labels
      if (query != queries.back()) queries.push_back(query);
    }
    for (std::size_t i = 0; i < queries.size(); ++i) {
      for (std::size_t j = 0; j < queries.size(); ++j) {
        const auto found = std::ranges::find(labels, queries[j]);
        const std::size_t apart = i < j ? j - i : i - j;
        if (found == labels.end() || i == j || apart > SessionCounter::kWindow) continue;
        const auto label = static_cast<LabelId>(found - labels.begin());
        if (j == i + 1) {
          ++popular[label];
          ++pairs[queries[i]][label];
        } else {
          ++together[queries[i]][label];
        }
      }
      if (i + 1 < queries.size()) CHECK(counter.add(queries[i], queries[i + 1]) == (queries[i + 1] < "f"));
    }
  }
  const SessionTables tables = counter.tables();
  for (LabelId label = 0; label < 5; ++label)
    CHECK(tables.popular.view().count(label) == popular[label]);
  CHECK(as_map(tables.pairs) == pairs);
  CHECK(as_map(tables.together) == together);
}

TEST_CASE("first queries of sessions are counted with the queries after them, unless they are rarer than all labels") {
  StringTableBuilder table;
  for (const char* label : {"a", "b"})
    table.add(label);
  const StringTable keys = table.view();
  SessionCounter counter(keys);
  for (int i = 0; i < 2; ++i) {
    counter.add("start", "a");
    counter.add("a", "b");
    counter.add("b", "a");
  }
  counter.add("rare", "a");
  const SessionTables tables = counter.tables();  // b was asked twice, "rare" once
  const FirstQueries first = tables.first.view();
  REQUIRE(first.texts().size() == 1);
  CHECK(first.texts()[0] == "start");
  CHECK(first.popular().count(0) == 2);
  CHECK(as_map(tables.first.before()) == Counts{{"a", {{0, 4}}}, {"b", {{0, 2}}}});

  const Popular popular = tables.popular.view();
  const PairCounts pairs = tables.pairs.view(), together = tables.together.view();
  const QueryGrams grams = tables.grams.view();
  StringTableBuilder more;
  for (const char* label : {"a", "b", "start"})
    more.add(label);
  const StringTable grown = more.view();
  for (const StringTable& now : {keys, grown}) {
    SessionCounter again(now, {popular, pairs, together, grams, first, Recent()}, std::vector<LabelId>{0, 1});
    again.add("start", "a");
    again.add("new", "a");
    const SessionTables summed = again.tables();
    const FirstQueries both = summed.first.view();
    if (now.size() == 3) {
      CHECK(both.texts().size() == 0);
      continue;
    }
    REQUIRE(both.texts().size() == 1);
    CHECK(both.popular().count(0) == 3);
    CHECK(both.before().nexts("a").counts[0] == 5);
  }
}

TEST_CASE("of many labels in company with a query the most frequent are kept, by label") {
  PairCounter counter;
  for (LabelId label = 0; label < 6; ++label)
    for (LabelId n = 0; n < 1 + label % 3; ++n)
      counter.add("a", label);
  counter.add("b", 9);
  CHECK(as_map(counter.table(3)) == Counts{{"a", {{1, 2}, {2, 3}, {5, 3}}}, {"b", {{9, 1}}}});
  CHECK(as_map(counter.table()).at("a").size() == 6);
}
