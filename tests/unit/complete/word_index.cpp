#include "xmr/complete/word_index.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "xmr/complete/prefix.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/plain_words.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

namespace {

struct Sample {
  std::vector<std::string> keys;
  std::vector<std::uint32_t> counts;
  StringTableBuilder table;

  Sample(std::size_t labels, Random& random) {
    std::set<std::string> texts;
    while (texts.size() < labels)
      texts.insert(text(random, 12));
    keys.assign(texts.begin(), texts.end());
    for (const std::string& key : keys) {
      table.add(key);
      counts.push_back(static_cast<std::uint32_t>(random.below(30)));
    }
  }
  static std::string text(Random& random, std::uint64_t longest) {
    std::string made;
    for (std::uint64_t n = 1 + random.below(longest); n > 0; --n)
      made += "abc-"[random.below(4)];
    return made;
  }
  void write(const std::string& path) const {
    NpzWriter out(path);
    WordIndexTable(table.view(), counts).write(out, "words/");
    out.commit({"model", 1, {}});
  }
};

}  // namespace

TEST_CASE("labels that hold the typed words are those of looking at every label, most frequent first") {
  Random random(7);
  const Sample sample(500, random);
  const test::TemporaryDirectory dir;
  sample.write(dir / "words.npz");
  const NpzFile file(dir / "words.npz");
  const StringTable keys = sample.table.view();
  const WordIndex index = WordIndex::read(file, "words/", keys.size());
  WordSearch search(index, keys);
  Words typed;
  for (int i = 0; i < 3000; ++i) {
    const std::string text = Sample::text(random, 7);
    const LabelRange without = random.below(2) == 0 ? LabelRange{} : prefix_range(keys, text);
    const std::size_t k = 1 + random.below(30);
    std::vector<LabelId> found, expected = test::plain_word_search(sample.keys, sample.counts, text, without);
    typed.read(text);
    search(typed, without, k, found);
    if (expected.size() > k) expected.resize(k);
    CAPTURE(text, k, without.first, without.last);
    REQUIRE(found == expected);
  }
}

TEST_CASE("of the labels that hold the typed words, the allowed ones are found, however few they are") {
  Random random(8);
  const Sample sample(3000, random);
  const StringTable keys = sample.table.view();
  const WordIndexTable table(keys, sample.counts);
  const WordIndex index = table.view();
  const auto one_of = GENERATE(2U, 100U);  // 100: fewer than kMaxChecked
  std::vector<bool> allowed(keys.size());
  for (LabelId label = 0; label < keys.size(); ++label)
    allowed[label] = random.below(one_of) == 0;
  WordSearch search(index, keys, &allowed);
  Words typed;
  std::size_t most = 0;
  for (int i = 0; i < 500; ++i) {
    const std::string text = Sample::text(random, 5);
    std::vector<LabelId> found, expected = test::plain_word_search(sample.keys, sample.counts, text, {});
    std::erase_if(expected, [&](LabelId label) { return !allowed[label]; });
    if (expected.size() > 20) expected.resize(20);
    typed.read(text);
    search(typed, {}, 20, found);
    CAPTURE(text);
    REQUIRE(found == expected);
    most = std::max(most, found.size());
  }
  CHECK(most > 10);
}

TEST_CASE("a text with accents finds labels without them, and the other way round") {
  StringTableBuilder table;
  for (const char* key : {"cafe bleu", "caf\u00e9 noir", "noir"})
    table.add(key);
  const WordIndexTable words(table.view(), std::vector<std::uint32_t>{1, 2, 3});
  const WordIndex index = words.view();
  const StringTable keys = table.view();
  WordSearch search(index, keys);
  const auto found = [&](std::string_view text) {
    Words typed;
    typed.read(text);
    std::vector<LabelId> labels;
    search(typed, prefix_range(keys, text), 10, labels);
    return labels;
  };
  CHECK(found("cafe") == std::vector<LabelId>{1});       // cafe bleu begins so
  CHECK(found("caf\u00e9") == std::vector<LabelId>{0});  // café noir begins so
  CHECK(found("noir ") == std::vector<LabelId>{2, 1});
  CHECK(found("bleu c") == std::vector<LabelId>{0});
}

TEST_CASE("lists of words that do not fit the labels are refused") {
  Random random(9);
  const Sample sample(40, random);
  const test::TemporaryDirectory dir;
  sample.write(dir / "words.npz");
  const NpzFile file(dir / "words.npz");
  CHECK_THROWS_WITH(WordIndex::read(file, "words/", 39),
                    (dir / "words.npz") + ": member words/labels: 40 numbers, not 39");
  const auto rewritten = [&](std::vector<std::uint8_t> postings) {
    NpzWriter out(dir / "forged.npz");
    StringTableBuilder texts;
    texts.add("a");
    texts.write(out, "words/texts/");
    out.add("words/offsets", std::vector<std::uint32_t>{0, 0, static_cast<std::uint32_t>(postings.size())});
    out.add("words/postings", postings);
    out.add("words/labels", std::vector<LabelId>{1, 0, 2});
    out.commit({"model", 1, {}});
    const NpzFile forged(dir / "forged.npz");
    return WordIndex::read(forged, "words/", 3).first(0, WordIndex::Holds::inside);
  };
  CHECK(rewritten({1, 0}) == 1);
  CHECK(rewritten({}) == WordIndex::kNoRank);
  for (const std::vector<std::uint8_t>& postings : std::vector<std::vector<std::uint8_t>>{
           {3}, {0, 0, 0, 0}, {0x80}, {0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, {0xff, 0xff, 0xff, 0xff, 0x0f}})
    CHECK_THROWS_AS(rewritten(postings), FormatError);
}
