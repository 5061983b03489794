#include "xmr/featurize/query_text.hpp"

#include <array>
#include <string>

#include "xmr/util/random.hpp"

#include "support/catch.hpp"

using namespace xmr;

TEST_CASE("queries are folded, blanks collapsed and trimmed") {
  QueryNormalizer normalizer;
  CHECK(normalizer.query(" New\t  YORK \xC2\xA0weather\n") == "new york weather");
  CHECK(normalizer.query("Straße") == "strasse");
  CHECK(normalizer.query("e\xCC\x81t\xC3\xA9") == "\xC3\xA9t\xC3\xA9");
  CHECK(normalizer.query(" \t\x7F") == "");
  CHECK(normalizer.query("") == "");
}

TEST_CASE("blanks of every kind are blanks, and what is not seen is nothing") {
  QueryNormalizer normalizer;
  for (const char* blank :
       {"\xC2\x85", "\xE1\x9A\x80", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\x8B", "\xE3\x80\x80"}) {
    CHECK(normalizer.query(std::string("new") + blank + "york" + blank) == "new york");
    CHECK(normalizer.prefix(std::string("new") + blank) == "new ");
  }
  for (const char* unseen : {"\xEF\xBB\xBF", "\xC2\xAD", "\xE2\x81\xA0", "\xE2\x80\x8D", "\xE2\x80\x8E"}) {
    CHECK(normalizer.query(unseen + std::string("new") + unseen + "est" + unseen) == "newest");
    CHECK(normalizer.prefix(std::string("new ") + unseen) == "new ");
  }
}

TEST_CASE("case is kept on request") {
  QueryNormalizer normalizer({.fold_case = false});
  CHECK(normalizer.query("New  York") == "New York");
}

TEST_CASE("punctuation is kept, a blank, or dropped") {
  CHECK(QueryNormalizer({.punctuation = Punctuation::keep}).query("c++ don't, wi-fi ") == "c++ don't, wi-fi");
  CHECK(QueryNormalizer({.punctuation = Punctuation::blank}).query("c++ don't, wi-fi ") == "c don t wi fi");
  CHECK(QueryNormalizer({.punctuation = Punctuation::drop}).query("c++ don't, wi-fi -") == "c dont wifi");
}

TEST_CASE("what dropped punctuation has parted is combined") {
  QueryNormalizer normalizer({.punctuation = Punctuation::drop});
  CHECK(normalizer.query("e-\xCC\x81t") == "\xC3\xA9t");
  CHECK(normalizer.query("\xE1\x84\x80!\xE1\x85\xA1") == "\xEA\xB0\x80");  // the letters of a Hangul syllable
  CHECK(normalizer.prefix("e-\xCC\x81 - ") == "\xC3\xA9 ");
  CHECK(normalizer.prefix("e-\xCC\x81-") == "\xC3\xA9");
  CHECK(normalizer.query("- -") == "");
}

TEST_CASE("a prefix keeps one trailing blank, but a blank alone is nothing") {
  QueryNormalizer normalizer;
  CHECK(normalizer.prefix("New  ") == "new ");
  CHECK(normalizer.prefix("New") == "new");
  CHECK(normalizer.prefix("  ") == "");
}

TEST_CASE("normalising twice changes nothing") {
  const auto punctuation = GENERATE(Punctuation::keep, Punctuation::blank, Punctuation::drop);
  QueryNormalizer normalizer({.punctuation = punctuation});
  Random random(8);
  // Sequences of marks are left out: the case folding of some is a letter, before which others can then not move.
  const std::array<std::string, 11> pieces = {
      "a", "B", "ß", "É", "e\xCC\x81", " ", "\t", "-'", "e-\xCC\x81", "\xEF\xAC\x81", "\xEF\xBC\xA1"};
  for (int i = 0; i < 3000; ++i) {
    std::string raw;
    for (std::uint64_t n = random.below(12); n > 0; --n)
      raw += pieces[random.below(pieces.size())];
    const std::string once(normalizer.query(raw));
    CHECK(std::string(normalizer.query(once)) == once);
  }
}

TEST_CASE("what was typed of an ASCII query is a prefix of it in normal form") {
  QueryNormalizer normalizer;
  Random random(9);
  for (int i = 0; i < 2000; ++i) {
    std::string raw;
    for (std::uint64_t n = random.below(20); n > 0; --n)
      raw += "aB -'9"[random.below(6)];
    const std::string whole(normalizer.query(raw));
    for (std::size_t n = 0; n <= raw.size(); ++n) {
      const std::string typed(normalizer.prefix(raw.substr(0, n)));
      INFO("'" << raw << "' to " << n);
      // The blank behind the last word is not a part of the query.
      CHECK((whole.starts_with(typed) || typed == whole + " "));
    }
  }
}
