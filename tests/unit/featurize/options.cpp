#include "xmr/featurize/options.hpp"

#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

BlockOptions word(std::string_view text) {
  return parse_block(GramKind::word, text, {});
}

}  // namespace

TEST_CASE("a block is a range of n and settings") {
  const BlockOptions block =
      word("1-2:column=title,min-df=2,max-df=0.5,max-features=100000,tf=log,idf=pecos,norm=l1,max-tokens=400");
  CHECK(block.min_n == 1);
  CHECK(block.max_n == 2);
  CHECK(block.column == "title");
  CHECK(block.min_df.value == 2);
  CHECK_FALSE(block.min_df.is_ratio);
  CHECK(block.max_df.value == 0.5);
  CHECK(block.max_df.is_ratio);
  CHECK(block.max_features == 100000);
  CHECK(block.tf == TermFrequency::log);
  CHECK(block.idf == InverseDocumentFrequency::pecos);
  CHECK(block.norm == Norm::l1);
  CHECK(block.max_tokens == 400);
  CHECK(word("3").min_n == 3);
  CHECK(word("3").max_n == 3);
  CHECK(word("1:hash=18").hash_bits == 18);
}

TEST_CASE("a whole number is a count, one with a point a share") {
  CHECK_FALSE(word("1:max-df=1").max_df.is_ratio);
  CHECK(word("1:max-df=1.0").max_df.is_ratio);
  CHECK(word("1:min-df=0.0").min_df.is_ratio);
}

TEST_CASE("settings that a block does not name are the defaults") {
  BlockOptions defaults;
  set_option(defaults, "min-df", "5");
  const BlockOptions block = parse_block(GramKind::char_wb, "3:norm=none", defaults);
  CHECK(block.min_df.value == 5);
  CHECK(block.norm == Norm::none);
  CHECK(block.kind == GramKind::char_wb);
}

TEST_CASE("blocks that make no sense are refused with what is allowed") {
  CHECK_THROWS_WITH(word(""), "word: '' is not a whole number in 1..16");
  CHECK_THROWS_WITH(word("0"), "word: '0' is not a whole number in 1..16");
  CHECK_THROWS_WITH(word("1-17"), "word: '17' is not a whole number in 1..16");
  CHECK_THROWS_WITH(word("1-2-3"), "word: '2-3' is not a whole number in 1..16");
  CHECK_THROWS_WITH(word("2-1"), "word: '2-1' starts with the larger number");
  CHECK_THROWS_WITH(word("1:min-df"), "word 1:min-df: 'min-df' is not of the form name=value");
  CHECK_THROWS_WITH(word("1:,tf=log"), "word 1:,tf=log: '' is not of the form name=value");
  CHECK_THROWS_WITH(word("1:df=2"), "'df' is not a setting of a block");
  CHECK_THROWS_WITH(word("1:tf=ln"), "tf: 'ln' is not one of count|binary|log|position|word-position");
  CHECK_THROWS_WITH(word("1:norm=L2"), "norm: 'L2' is not one of none|l1|l2|max");
  CHECK_THROWS_WITH(word("1:hash=29"), "hash: '29' is not a whole number in 4..28");
  CHECK_THROWS_WITH(word("1:column=labels"), "column: 'labels' cannot hold text");
  for (const std::string bound : {"0", "-1", "1.5", "", "x", "nan", "0.5x", "4294967296", "18446744073709551615"})
    CHECK_THROWS_WITH(word("1:min-df=" + bound),
                      "min-df: '" + bound +
                          "' is neither a number of rows (1 to 4294967295) nor a share of them "
                          "(0.0 to 1.0)");
}

TEST_CASE("options that contradict each other are refused") {
  CHECK_THROWS_WITH(check({}), "no block of features");
  CHECK_THROWS_WITH(check({.blocks = {word("1:hash=18,min-df=2")}}),
                    "word 1-1: min-df, max-df and max-features choose from a vocabulary; with hash there is none");
  CHECK_THROWS_WITH(check({.blocks = {word("1-2:min-df=5,max-df=4")}}), "word 1-2: min-df 5 is more than max-df 4");
  CHECK_THROWS_WITH(check({.blocks = {word("1:tf=word-position")}}),
                    "word 1-1: tf word-position is for char and char-wb");
  CHECK_THROWS_WITH(check({.blocks = {parse_block(GramKind::char_wb, "3:tf=position", {})}}),
                    "char-wb 3-3: tf position is for char");
  CHECK_NOTHROW(check({.blocks = {word("1:hash=18"), word("1:min-df=5,max-df=0.1")}}));
}

TEST_CASE("options survive JSON, counts and shares apart") {
  VectorizerOptions options{.blocks = {word("1-2:max-df=1,min-df=1.0,tf=binary"), word("1:hash=8")},
                            .tokenizer = {.tokens = Tokens::whitespace, .fold_case = false},
                            .row_norm = Norm::l1};
  const std::string text = to_json(options).dump();
  CHECK(to_json(vectorizer_options(Json::parse(text), "f")).dump() == text);
}

TEST_CASE("a vectorizer of earlier tools keeps the words that it had") {
  Json json = to_json({.blocks = {word("1")}});
  CHECK(json["unspaced"] == "bigrams");
  json.erase("unspaced");
  const VectorizerOptions earlier = vectorizer_options(json, "f");
  CHECK(earlier.tokenizer.unspaced == Unspaced::whole);
  CHECK(to_json(earlier) == json);
}

TEST_CASE("options of words survive JSON, and stems of another version are refused") {
  const VectorizerOptions options{
      .blocks = {word("1")},
      .tokenizer = {.unspaced = Unspaced::whole, .fold_accents = true, .emoji = true, .stem = "german"}};
  Json json = to_json(options);
  CHECK(to_json(vectorizer_options(json, "f")) == json);
  json["stem"]["version"] = "0000000000000000";
  CHECK_THROWS_WITH(vectorizer_options(json, "f"), "f: the stems are those of another version of libstemmer");
  for (const Json& bad : {Json("german"), Json::object(), Json{{"language", "klingon"}, {"version", ""}}}) {
    json["stem"] = bad;
    CHECK_THROWS_WITH(vectorizer_options(json, "f"), "f: \"stem\" is missing or has a bad value");
  }
  const VectorizerOptions words{.blocks = {word("1")}, .tokenizer = {.tokens = Tokens::whitespace, .emoji = true}};
  CHECK_THROWS_WITH(check(words),
                    "tokens whitespace: keeps the text as it is; --fold-accents, --emoji and --stem need unicode");
}

TEST_CASE("JSON that to_json does not make is refused") {
  const Json good = to_json({.blocks = {word("1")}});
  const auto refuses = [&](const Json& json) { CHECK_THROWS_AS(vectorizer_options(json, "vec.npz"), FormatError); };
  refuses(Json::array());
  refuses(nullptr);
  for (const auto& [key, value] : good.items()) {
    Json bad = good;
    bad.erase(key);
    if (key != "unspaced") refuses(bad);
    bad[key] = -1;
    refuses(bad);
  }
  Json no_places = good;
  no_places["blocks"][0]["tf"] = "position";
  refuses(no_places);
  for (const auto& [key, value] : good["blocks"][0].items()) {
    for (const Json& wrong : {Json(nullptr), Json(-1), Json("?"), Json(1e300)}) {
      if (key == "column" && wrong == "?") continue;
      Json bad = good;
      bad["blocks"][0][key] = wrong;
      refuses(bad);
    }
  }
}
