#include "xmr/featurize/tokenizer.hpp"

#include <algorithm>
#include <string>

#include <utf8proc.h>

#include "xmr/util/utf8.hpp"

#include "support/catch.hpp"
#include "support/plain_tokenizer.hpp"
#include "support/random_text.hpp"

using namespace xmr;
using namespace std::string_literals;
using test::plain_tokens;

namespace {

std::vector<std::string> words_of(Tokenizer& tokenizer, std::string_view text) {
  tokenizer.run(text);
  std::vector<std::string> words;
  for (std::size_t i = 0; i < tokenizer.words(); ++i)
    words.emplace_back(tokenizer.word(i));
  return words;
}

using Words = std::vector<std::string>;

Words terms_of(Tokenizer& tokenizer, std::string_view text) {
  tokenizer.run(text);
  Words terms;
  for (std::size_t i = 0; i < tokenizer.terms(); ++i)
    terms.emplace_back(tokenizer.term(i));
  return terms;
}

}  // namespace

TEST_CASE("words are case-folded, NFKC-normalised runs of letters, digits and marks") {
  Tokenizer tokenizer;
  CHECK(words_of(tokenizer, "Wireless-Echo 2.0, with_screen!") ==
        Words{"wireless", "echo", "2", "0", "with", "screen"});
  CHECK(words_of(tokenizer, "Straße ÉCOLE e\u0301cole ﬁn") == Words{"strasse", "école", "école", "fin"});
  CHECK(words_of(tokenizer, "½ ² Ⅷ 二〇") == Words{"1", "2", "2", "viii", "二〇"});
  CHECK(words_of(tokenizer, "") == Words{});
  CHECK(words_of(tokenizer, " .,") == Words{});
  CHECK(words_of(tokenizer, "x") == Words{"x"});
}

TEST_CASE("joiners and soft hyphens part no word") {
  Tokenizer tokenizer;
  const auto words = [&](std::string_view text) {
    tokenizer.run(text);
    std::vector<std::string> found;
    for (std::size_t i = 0; i < tokenizer.words(); ++i)
      found.emplace_back(tokenizer.word(i));
    return found;
  };
  using Words = std::vector<std::string>;
  CHECK(words("data\u00ADbase data\u2060base database") == Words{"database", "database", "database"});
  CHECK(words("\u0DC1\u0DCA\u200D\u0DBB\u0DD3") == Words{"\u0DC1\u0DCA\u0DBB\u0DD3"});  // Sri in Sinhala
  CHECK(words("\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645") ==
        Words{"\u0645\u06CC\u062E\u0648\u0627\u0647\u0645"});
  CHECK(words("a\u200Bb") == Words{"a", "b"});       // the space without width
  CHECK(words("\u2764\uFE0F") == Words{});           // a picture with a variation selector
  CHECK(words("e\u200D\u0301") == Words{"\u00E9"});  // what stands on both sides is combined
  tokenizer.run("\U0001F468\u200D\U0001F469");
  CHECK(tokenizer.text() == "\U0001F468\u200D\U0001F469");  // one picture of two
}

TEST_CASE("runs of scripts without blanks are bigrams and themselves") {
  Tokenizer tokenizer;
  CHECK(terms_of(tokenizer, "苹果手机壳") == Words{"苹果", "果手", "手机", "机壳", "苹果手机壳"});
  CHECK(terms_of(tokenizer, "手机") == Words{"手机"});
  CHECK(terms_of(tokenizer, "手") == Words{"手"});
  CHECK(terms_of(tokenizer, "iPhone手机壳 x") == Words{"iphone", "手机", "机壳", "手机壳", "iphone手机壳", "x"});
  CHECK(terms_of(tokenizer, "ｶﾞｽを") == Words{"ガス", "スを", "ガスを"});
  CHECK(terms_of(tokenizer, "น้ำมัน") == Words{"น้ํ"
                                             "า",
                                             "ามั", "มัน", "น้ํามัน"});
  CHECK(terms_of(tokenizer, "패키지를 봄") == Words{"패키", "키지", "지를", "패키지를", "봄"});
  CHECK(terms_of(tokenizer, "no change") == Words{"no", "change"});
  CHECK(words_of(tokenizer, "苹果手机壳 x") == Words{"苹果手机壳", "x"});
  Tokenizer whole({.unspaced = Unspaced::whole});
  CHECK(terms_of(whole, "苹果手机壳") == Words{"苹果手机壳"});
  Tokenizer whitespace({.tokens = Tokens::whitespace});
  CHECK(terms_of(whitespace, "苹果手机壳") == Words{"苹果手机壳"});
}

TEST_CASE("accents are folded where people leave them out") {
  Tokenizer fold({.fold_accents = true});
  CHECK(words_of(fold, "Café CAFE\u0301 đường Łódź straße ẞ øre Æsir ñ") ==
        Words{"cafe", "cafe", "duong", "lodz", "strasse", "ss", "ore", "aesir", "n"});
  CHECK(words_of(fold, "İstanbul ISTANBUL ıstanbul istanbul") == Words(4, "istanbul"));
  CHECK(words_of(fold, "Ελλάδα ёлка йод їжак") == Words{"ελλαδα", "елка", "йод", "їжак"});
  CHECK(words_of(fold, "שָׁלוֹם מִשְׁפָּחָה") == Words{"שלום", "משפחה"});
  CHECK(words_of(fold, "القُرآنُ مُحَمَّد كـتـاب") == words_of(fold, "القرآن محمد كتاب"));
  CHECK(words_of(fold, "がぎ हिन्दी") == Words{"がぎ", "हिन्दी"});
  Tokenizer keep({.fold_case = false, .fold_accents = true});
  CHECK(words_of(keep, "Éa Þórr Œuvre") == Words{"Ea", "THorr", "OEuvre"});
}

TEST_CASE("emoji are words if they are to be") {
  Tokenizer none;
  CHECK(terms_of(none, "cake🎂 🎉") == Words{"cake"});
  Tokenizer emoji({.emoji = true});
  CHECK(terms_of(emoji, "cake🎂a🎉🎉 ok") == Words{"cake", "🎂", "a", "🎉", "🎉", "ok"});
  CHECK(terms_of(emoji, "🎂cake") == Words{"🎂", "cake"});
  CHECK(terms_of(emoji, "👍🏽👍 👨\u200D👩\u200D👧x 🇩🇪🇫🇷 ❤\uFE0F") ==
        Words{"👍🏽", "👍", "👨\u200D👩\u200D👧", "x", "🇩🇪", "🇫🇷", "❤"});
  CHECK(words_of(emoji, "a🎂🎉b") == Words{"a", "🎂🎉", "b"});
}

TEST_CASE("words lose the endings of a language") {
  Tokenizer english({.stem = "english"});
  CHECK(terms_of(english, "Connected connections 手机壳") == Words{"connect", "connect", "手机", "机壳", "手机壳"});
  CHECK(words_of(english, "Connected") == Words{"connected"});
  Tokenizer russian({.stem = "russian"});
  CHECK(terms_of(russian, "книги книга") == Words{"книг", "книг"});
  CHECK_THROWS_WITH(Tokenizer({.stem = "klingon"}),
                    Catch::Matchers::StartsWith("'klingon' is not a language with stems; allowed are arabic, "));
  CHECK(Stemmer("english").version() == Stemmer("english").version());
  CHECK(Stemmer("english").version() != Stemmer("porter").version());
}

TEST_CASE("whitespace tokens split at spaces and tabs only, and keep case if told to") {
  Tokenizer keep({.tokens = Tokens::whitespace, .fold_case = false});
  CHECK(words_of(keep, " Foo-Bar\t\u00A0x  É") == Words{"Foo-Bar", "\u00A0x", "É"});
  Tokenizer fold({.tokens = Tokens::whitespace, .fold_case = true});
  CHECK(words_of(fold, "Foo ﬁ É") == Words{"foo", "fi", "é"});
  Tokenizer unicode_keep({.tokens = Tokens::unicode, .fold_case = false});
  CHECK(words_of(unicode_keep, "Foo-ﬁ E\u0301") == Words{"Foo", "fi", "É"});
}

TEST_CASE("ill-formed UTF-8 counts as U+FFFD, which separates words") {
  Tokenizer tokenizer;
  CHECK(words_of(tokenizer,
                 "ab\xFF"
                 "cd\xE2\x82") == Words{"ab", "cd"});
  CHECK(tokenizer.text() == "ab\uFFFDcd\uFFFD");
  Tokenizer keep({.tokens = Tokens::whitespace, .fold_case = false});
  CHECK(words_of(keep, "a\xC0\x80") == Words{"a\uFFFD\uFFFD"});
}

TEST_CASE("the tokenizer equals utf8proc on the whole text, for random texts") {
  const auto tokens = GENERATE(Tokens::unicode, Tokens::whitespace);
  const bool fold_case = GENERATE(true, false), fold_accents = GENERATE(true, false);
  if (fold_accents && tokens == Tokens::whitespace) return;
  const auto unspaced = fold_accents ? Unspaced::whole : Unspaced::bigrams;
  const TokenizerOptions options{
      .tokens = tokens, .fold_case = fold_case, .unspaced = unspaced, .fold_accents = fold_accents};
  Tokenizer tokenizer(options);
  Random random(1);
  for (int i = 0; i < 20000; ++i) {
    const std::string text = test::random_text(random, 40);
    const test::PlainTokens expected = plain_tokens(text, options);
    const Words words = words_of(tokenizer, text);
    const Words terms = terms_of(tokenizer, text);
    if (tokenizer.text() != expected.text || words != expected.words || terms != expected.terms) {
      INFO("text " << i << ": " << text);
      REQUIRE(terms == expected.terms);
      REQUIRE(tokenizer.text() == expected.text);
      REQUIRE(words == expected.words);
    }
  }
}

TEST_CASE("the tokenizer equals utf8proc on every code point beside letters and marks") {
  const bool fold_case = GENERATE(true, false);
  const TokenizerOptions options{.fold_case = fold_case};
  Tokenizer tokenizer(options);
  // A few points stand for the planes without characters and of private use.
  const auto is_assigned = [](char32_t point) { return point < 0x32400 || (point >= 0xE0000 && point < 0xE0200); };
  for (char32_t point = 0; point < 0x110000; point += is_assigned(point) ? 1 : 0x80) {
    if (point >= 0xD800 && point < 0xE000) continue;
    const std::string middle = test::plain_utf8({point});
    for (const std::string& text : {"e" + middle + "\u0301", "\u1100" + middle + "\u11A8", "\u0327" + middle}) {
      tokenizer.run(text);
      const test::PlainTokens expected = plain_tokens(text, options);
      if (tokenizer.text() != expected.text) {
        INFO("U+" << std::hex << static_cast<std::uint32_t>(point));
        REQUIRE(tokenizer.text() == expected.text);
      }
    }
  }
}

TEST_CASE("no code point that may move or combine with the one before starts a segment") {
  NormalizationTable table({.fold_case = false});
  for (utf8proc_int32_t point = 0; point < 0x110000; ++point) {
    if (point >= 0xD800 && point < 0xE000) continue;
    if (utf8proc_get_property(point)->combining_class != 0 && table[static_cast<char32_t>(point)].boundary)
      FAIL("U+" << std::hex << point << " may move");
    utf8proc_int32_t parts[32];
    int boundclass = 0;
    const auto n = utf8proc_decompose_char(point, parts, 32, UTF8PROC_DECOMPOSE, &boundclass);
    for (utf8proc_ssize_t i = 1; i < n; ++i)
      if (table[static_cast<char32_t>(parts[i])].boundary)
        FAIL("U+" << std::hex << parts[i] << " is a later part of U+" << point);
  }
}

TEST_CASE("a long run of combining marks is normalised in pieces, in linear time") {
  Tokenizer tokenizer;
  std::string text = "a";
  for (int i = 0; i < 500000; ++i)
    text += "\u0301\u0316";
  tokenizer.run(text);
  CHECK(tokenizer.words() == 1);
  CHECK(tokenizer.text().size() > 1000000);
}

TEST_CASE("texts of every length around the piece size are whole") {
  Tokenizer tokenizer;
  for (const std::size_t size : {4094U, 4095U, 4096U, 4097U, 8192U, 100000U}) {
    const std::string ascii(size, 'X');
    tokenizer.run(ascii);
    CHECK(tokenizer.text() == std::string(size, 'x'));
    CHECK(tokenizer.words() == 1);
    tokenizer.run(ascii + "\u0301 " + ascii);
    CHECK(tokenizer.words() == 2);
    const std::string invalid(size, '\xFF');
    tokenizer.run(invalid);
    CHECK(tokenizer.text().size() == 3 * size);
  }
}

TEST_CASE("decoding UTF-8 equals the table of the standard on all sequences of up to four bytes of its edges") {
  const std::string edges =
      "\x00\x41\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC1\xC2\xDF\xE0\xE1\xEC\xED\xEE\xEF\xF0\xF1\xF3\xF4\xF5\xFF"s;
  std::string text;
  const std::size_t n = edges.size();
  for (std::size_t i = 0; i < n * n * n * n; ++i) {
    text = {edges[i % n], edges[i / n % n], edges[i / n / n % n], edges[i / n / n / n]};
    std::vector<char32_t> points;
    for (std::size_t at = 0; at < text.size();) {
      const DecodedPoint next = decode_utf8(std::string_view(text).substr(at));
      points.push_back(next.point);
      at += next.length;
    }
    if (points != test::plain_code_points(text)) REQUIRE(points == test::plain_code_points(text));
    const bool valid = std::ranges::find(points, kReplacement) == points.end();
    if (valid != (find_invalid_utf8(text) == std::string_view::npos)) FAIL("find_invalid_utf8 on case " << i);
  }
}
