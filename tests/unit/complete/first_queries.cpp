#include "xmr/complete/first_queries.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "xmr/complete/other_queries.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

namespace {

StringTableBuilder table_of(const std::set<std::string>& texts) {
  StringTableBuilder table;
  for (const std::string& text : texts)
    table.add(text);
  return table;
}

// First queries of random sessions, with their counts in maps beside them.
struct FirstSample {
  std::set<std::string> keys;
  std::map<std::string, std::uint32_t> counts;                         // of all first queries
  std::map<std::string, std::map<std::string, std::uint32_t>> before;  // by later query
  FirstQueryCounter counter;
  Random random{7};

  FirstSample() {
    for (int i = 0; i < 300; ++i) {
      const std::string first = text();
      counter.add(first);
      ++counts[first];
      for (std::uint64_t n = random.below(4); n > 0; --n) {
        const std::string later = text();
        counter.add_before(later, first);
        ++before[later][first];
      }
      if (i % 5 == 0) keys.insert(first);
    }
  }
  std::string text() {
    std::string text(1, "abc"[random.below(3)]);
    for (std::uint64_t n = random.below(3); n > 0; --n)
      text += std::string(1, "-b"[random.below(2)]) + "abc"[random.below(3)];
    return text;
  }
  // Texts of the table that leaves out queries of less than `least` sessions.
  std::set<std::string> left(std::uint32_t least) const {
    std::set<std::string> texts;
    for (const auto& [query, count] : counts)
      if (count >= least && !keys.contains(query)) texts.insert(query);
    return texts;
  }
};

// True if `text` holds the words of `typed`, the last one begun.
bool has_words(const std::string& typed, const std::string& text) {
  Words words, others;
  words.read(typed);
  others.read(text);
  return find_words(words, others).has_value();
}

}  // namespace

TEST_CASE("first queries that are no keys are counted, alone and by the queries that came after them") {
  const FirstSample sample;
  const std::uint32_t least = GENERATE(1U, 3U);
  const StringTableBuilder keys = table_of(sample.keys);
  const std::set<std::string> left = sample.left(least);
  REQUIRE(left.size() > 5);
  std::set<std::string> later;
  for (const auto& [query, firsts] : sample.before)
    later.insert(query);
  later.insert("nobody asked this");
  const test::TemporaryDirectory dir;
  {
    NpzWriter out(dir / "first.npz");
    PairTable pairs;
    const StringTableBuilder texts = table_of(later);
    texts.write(out, "pairs/previous/");
    pairs.write_counts(out, "pairs/", texts.view());
    sample.counter.table(keys.view(), least).write(out, "first/", texts.view());
    out.commit({"model", 1, {}});
  }
  const NpzFile file(dir / "first.npz");
  const FirstQueries first = FirstQueries::read(file, "first/", PairCounts::read(file, "pairs/", 1));
  REQUIRE(first.texts().size() == left.size());
  std::size_t number = 0;
  for (const std::string& text : left) {
    CHECK(first.texts()[number] == text);
    CHECK(first.popular().count(static_cast<LabelId>(number++)) == sample.counts.at(text));
  }
  for (const auto& [query, firsts] : sample.before) {
    const PairCounts::Nexts found = first.before().nexts(query);
    std::size_t expected = 0;
    for (const auto& [text, count] : firsts)
      expected += left.contains(text) ? 1 : 0;
    CHECK(found.labels.size() == std::min(expected, FirstQueryCounter::kMaxBefore));
    for (std::size_t i = 0; i < found.labels.size(); ++i)
      CHECK(found.counts[i] == firsts.at(std::string(first.texts()[found.labels[i]])));
  }
}

TEST_CASE("found first queries begin with the typed text or hold its words, and are marked with their counts") {
  const FirstSample sample;
  const StringTableBuilder keys = table_of(sample.keys);
  const FirstQueryTable table = sample.counter.table(keys.view(), 1);
  const FirstQueries first = table.view();
  FirstQuerySearch search(first);
  std::size_t begun = 0, before = 0, by_words = 0;
  for (const char* typed : {"a", "b-", "a-b", "c b", "bc", "b-a-c"}) {
    for (const auto& [previous, firsts] : sample.before) {
      Words words;
      words.read(typed);
      search(previous, typed, words);
      std::set<std::string> found;
      for (const FoundFirst& each : search.all()) {
        const std::string text(first.texts()[each.number]);
        CAPTURE(typed, previous, text);
        CHECK(found.insert(text).second);
        CHECK(each.count == sample.counts.at(text));
        CHECK((text.starts_with(typed) || has_words(typed, text)));
        CHECK(each.has_words == !text.starts_with(typed));
        const auto together = firsts.find(text);
        // A later query keeps its most frequent first queries.
        CHECK((each.before == 0 || (together != firsts.end() && each.before == together->second)));
        begun += each.has_words ? 0 : 1;
        by_words += each.has_words ? 1 : 0;
        before += each.before > 0 ? 1 : 0;
      }
      CHECK(found.size() <= FirstQuerySearch::kSources * FirstQuerySearch::kListed);
    }
  }
  CHECK(begun > 0);
  CHECK(before > 0);
  CHECK(by_words > 0);
}

TEST_CASE("other queries are the first queries and then the made ones, each text once") {
  const FirstSample sample;
  const StringTableBuilder keys = table_of(sample.keys);
  const FirstQueryTable table = sample.counter.table(keys.view(), 1);
  const FirstQueries first = table.view();
  QueryGramCounter grams;
  for (const auto& [query, count] : sample.counts)
    grams.add(query);
  const QueryGramTable gram_table = grams.table();
  const QueryGrams pieces = gram_table.view();
  const StringTable labels = keys.view();
  OtherQueries find(first, pieces, labels), find_first(first, pieces, labels);
  std::size_t both = 0, made = 0;
  for (const char* typed : {"a-", "ab", "c-b", "b-c-", "c-", "bb-"}) {
    find("a-b", typed, true);
    find_first("a-b", typed, false);
    std::set<std::string_view> texts;
    for (std::size_t i = 0; i < find.all().size(); ++i) {
      const OtherQuery& query = find.all()[i];
      CHECK(texts.insert(query.text).second);
      CHECK_FALSE(sample.keys.contains(std::string(query.text)));
      CHECK((query.first.count > 0) == (i < find_first.all().size()));
      if (i < find_first.all().size()) CHECK(query.text == find_first.all()[i].text);
      CHECK((query.first.count > 0 || query.probability > 0));
      both += query.first.count > 0 && query.probability > 0 ? 1 : 0;
      made += query.first.count == 0 ? 1 : 0;
    }
    CHECK(texts.size() <= OtherQueries::kMax);
  }
  CHECK(both > 0);
  CHECK(made > 0);
}
