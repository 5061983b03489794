// The parts that controls of completion are made of: block lists, categories and weights, matched parts, near-equal
// texts.

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "xmr/complete/blocked_words.hpp"
#include "xmr/complete/label_catalog.hpp"
#include "xmr/complete/matched.hpp"
#include "xmr/complete/near_equal.hpp"
#include "xmr/complete/popular.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

namespace {

std::string write(const test::TemporaryDirectory& dir, const std::string& name, const std::string& text) {
  std::ofstream(dir / name) << text;
  return dir / name;
}

}  // namespace

TEST_CASE("a block list holds words and phrases, compared without case and accents") {
  const test::TemporaryDirectory dir;
  const BlockedWords blocked = BlockedWords::read(write(dir, "blocked", "Caf\u00e9\nred  shoe\nred-hat\nred shoe\n"));
  CHECK(blocked.phrases() == std::vector<std::string>{"cafe", "red hat", "red shoe"});
  BlockedWords::Search search(blocked);
  for (const char* text : {"cafe", "the CAF\u00c9 noir", "a red shoe", "red/hat"})
    CHECK(search(text));
  for (const char* text : {"", "cafes", "red", "shoe red", "red old shoe", "red shoes"})
    CHECK_FALSE(search(text));
  CHECK_THROWS_WITH(BlockedWords::read(write(dir, "bad", "one\n--\n")),
                    (dir / "bad") + ":2: a line without a letter or digit");
  CHECK_THROWS_WITH(BlockedWords::read(write(dir, "empty", "")), (dir / "empty") + ": no words");
}

TEST_CASE("matched parts are the prefix, or the typed words wherever they stand") {
  MatchedParts matched;
  const auto parts = [&](std::string_view typed, std::string_view completion) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> found;
    for (const TextPart part : matched(typed, typed, completion))
      found.emplace_back(part.begin, part.end);
    return found;
  };
  using Parts = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
  CHECK(parts("libs", "libssl-dev") == Parts{{0, 4}});
  CHECK(parts("dev libs", "libssl-dev") == Parts{{0, 4}, {7, 10}});
  CHECK(parts("a a", "b a ab") == Parts{{2, 3}, {4, 5}});
  CHECK(parts("", "libssl").empty());
  CHECK(parts("x", "libssl").empty());
  CHECK(parts("cafe", "le caf\u00e9s") == Parts{{3, 7}});               // characters, not bytes
  CHECK(parts("\u1112\u1161", "\ud55c\uad6d\uc5b4") == Parts{{0, 1}});  // letters of Hangul: the whole syllable
  CHECK(matched("lbi", "lib", "libssl").front() == TextPart{0, 3});     // a mended prefix
}

TEST_CASE("categories and weights come from columns 4 and 5 of labels.txt") {
  const test::TemporaryDirectory dir;
  StringTableBuilder keys;
  for (const char* key : {"ant", "bee", "cat"})
    keys.add(key);
  const auto table_of = [&](const std::string& text) {
    const std::string path = write(dir, "labels.txt", text);
    return LabelCatalogTable(path, LabelNames::read(path), keys.view());
  };
  CHECK(table_of("ant\nbee\t\t3\ncat\t\t1\t\t1\n").empty());
  const LabelCatalogTable table = table_of("cat\t\t1\tpet,small\nzoo\t\t1\tplace\nant\t\t2\tsmall,small,\t2.5\nbee\n");
  {
    NpzWriter out(dir / "catalog.npz");
    table.write(out, "catalog/");
    out.commit({"model", 1, {}});
  }
  const NpzFile file(dir / "catalog.npz");
  const LabelCatalog catalog = LabelCatalog::find(file, "catalog/", 3);
  CHECK(catalog.categories().size() == 2);
  CHECK(catalog.category("small") == 1);
  CHECK_FALSE(catalog.category("place"));
  CHECK(std::ranges::equal(catalog.categories_of(0), std::vector<CategoryId>{1}));
  CHECK(catalog.categories_of(1).empty());
  CHECK(std::ranges::equal(catalog.categories_of(2), std::vector<CategoryId>{0, 1}));
  CHECK(catalog.weight(0) == 2.5F);
  CHECK(catalog.weight(2) == 1);
  CHECK_THROWS_AS(LabelCatalog::find(file, "catalog/", 2), FormatError);
  CHECK(LabelCatalog::find(file, "other/", 3).empty());
  for (const char* weight : {"0", "-1", "x", "1e7", "nan"})
    CHECK_THROWS_WITH(table_of(std::string("ant\nbee\t\t1\t\t") + weight + "\n"),
                      (dir / "labels.txt") + ":2: weight '" + weight + "' is not a number above 0 and at most 1000000");
}

TEST_CASE("texts are near-equal if their words are, in any order, or their letters") {
  NearEqual near;
  const auto group = [&](std::string_view text) { return near.group(text); };
  CHECK(group("wi-fi cables") == 0);
  CHECK(group("cable wifi") == 1);
  CHECK(group("Cables, wi fi") == 0);
  CHECK(group("wifi cable") == 0);
  CHECK(group("caf\u00e9") == 2);
  CHECK(group("cafes") == 2);
  CHECK(group("glass") == 3);
  CHECK(group("glas") == 4);
  CHECK(group("berries") == 5);
  CHECK(group("berry") == 5);
  CHECK(group("gas") == 6);  // too short for a plural
  CHECK(group("ga") == 7);
  CHECK(group("--") == 8);
  CHECK(group("--") == 9);
  near.clear();
  CHECK(group("gas") == 0);
}

TEST_CASE("labels with too small a count are no popular ones") {
  const PopularTable table({5, 0, 3, 0, 1});
  std::vector<Popular::Interval> scratch;
  std::vector<LabelId> best;
  table.view().top({0, 5}, 10, scratch, best, 1);
  CHECK(best == std::vector<LabelId>{0, 2, 4});
}
