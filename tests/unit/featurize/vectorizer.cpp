#include "xmr/featurize/vectorizer.hpp"

#include <numeric>
#include <string>

#include <fmt/format.h>

#include "xmr/featurize/vectorizer_fit.hpp"
#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/parallel.hpp"

#include "support/catch.hpp"
#include "support/plain_features.hpp"
#include "support/random_text.hpp"

using namespace xmr;
using test::PlainVectorizer;
using Texts = PlainVectorizer::Texts;

namespace {

BlockOptions block_of(GramKind kind, std::string_view text) {
  return parse_block(kind, text, {});
}

Vectorizer fit(const VectorizerOptions& options, const std::vector<Texts>& corpus, unsigned threads = 1) {
  Parallel parallel(threads);
  VectorizerFit learner(options, threads);
  for (std::size_t i = 0; i < corpus.size(); ++i) {
    const std::vector<std::string_view> texts(corpus[i].begin(), corpus[i].end());
    learner.add(texts, static_cast<unsigned>(i) % threads);
  }
  return learner.finish(parallel);
}

SparseRow apply(const Vectorizer& vectorizer, const Texts& texts, Vectorizer::Scratch& scratch) {
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  return vectorizer.apply(views, scratch);
}

// As feature_text() writes it.
std::string text_of(const PlainVectorizer::Feature& feature, const VectorizerOptions& options) {
  const GramKind kind = options.blocks[feature.block].kind;
  std::string text;
  for (const std::string& symbol : feature.gram) {
    if (kind == GramKind::word && !text.empty()) text += ' ';
    text += kind == GramKind::char_wb && symbol == " " ? "#" : symbol;
  }
  return text;
}

void require_equal(const SparseRow& row, const std::map<std::uint32_t, double>& expected) {
  std::vector<std::uint32_t> ids;
  for (const auto& [feature, value] : expected)
    ids.push_back(feature);
  REQUIRE(std::vector<std::uint32_t>(row.indices.begin(), row.indices.end()) == ids);
  std::size_t i = 0;
  for (const auto& [feature, value] : expected)
    if (std::abs(row.values[i++] - value) > 1e-6 * value) REQUIRE(row.values[i - 1] == Approx(value).epsilon(1e-6));
}

std::vector<Texts> random_corpus(Random& random, std::size_t rows, std::size_t columns) {
  std::vector<Texts> corpus(rows);
  for (Texts& texts : corpus)
    for (std::size_t c = 0; c < columns; ++c)
      texts.push_back(test::random_text(random, 30));
  return corpus;
}

template <class T>
T pick(Random& random, std::initializer_list<T> values) {
  return values.begin()[random.below(values.size())];
}

BlockOptions random_block(Random& random) {
  BlockOptions block;
  block.kind = pick(random, {GramKind::word, GramKind::char_, GramKind::char_wb});
  block.min_n = 1 + static_cast<std::uint32_t>(random.below(3));
  block.max_n = block.min_n + static_cast<std::uint32_t>(random.below(4));
  block.column = pick<std::string>(random, {"text", "title"});
  block.min_df = pick<FrequencyBound>(random, {{1, false}, {2, false}, {0.05, true}});
  block.max_df = pick<FrequencyBound>(random, {{1, true}, {0.5, true}, {20, false}});
  block.max_features = pick<std::uint64_t>(random, {0, 50});
  block.tf = pick(random, {TermFrequency::count, TermFrequency::binary, TermFrequency::log});
  if (block.kind == GramKind::char_)
    block.tf = pick(random, {block.tf, TermFrequency::position, TermFrequency::word_position});
  if (block.kind == GramKind::char_wb) block.tf = pick(random, {block.tf, TermFrequency::word_position});
  block.idf = pick(
      random, {InverseDocumentFrequency::none, InverseDocumentFrequency::sklearn, InverseDocumentFrequency::pecos});
  block.norm = pick(random, {Norm::none, Norm::l1, Norm::l2, Norm::max});
  block.max_tokens = pick<std::uint32_t>(random, {0, 0, 7});
  return block;
}

}  // namespace

TEST_CASE("char-wb n-grams have a boundary at both ends of a word") {
  const Vectorizer vectorizer = fit({.blocks = {block_of(GramKind::char_wb, "3")}}, {{"Echo"}});
  REQUIRE(vectorizer.features() == 4);
  CHECK(vectorizer.feature_text(0) == "#ec");
  CHECK(vectorizer.feature_text(1) == "cho");
  CHECK(vectorizer.feature_text(2) == "ech");
  CHECK(vectorizer.feature_text(3) == "ho#");
  CHECK_THROWS_AS(vectorizer.feature_text(4), ConfigError);
}

TEST_CASE("features are ordered by document frequency, then by text, block after block") {
  const Vectorizer vectorizer = fit({.blocks = {block_of(GramKind::word, "1-2"), block_of(GramKind::word, "2")}},
                                    {{"b a b a"}, {"b c"}, {"b é"}});
  std::vector<std::string> features;
  for (FeatureId f = 0; f < vectorizer.features(); ++f)
    features.push_back(vectorizer.feature_text(f));
  CHECK(features ==
        std::vector<std::string>{"b", "a", "a b", "b a", "b c", "b é", "c", "é", "a b", "b a", "b c", "b é"});
}

TEST_CASE("n-grams weigh by the places at which they begin, in the text or in their words") {
  Vectorizer::Scratch scratch;
  const auto weight = [&](GramKind kind, std::string_view tf, const std::string& text, const std::string& gram) {
    const std::string settings = fmt::format("{}:idf=none,norm=none,tf={}", kind == GramKind::char_ ? 1 : 2, tf);
    const Vectorizer vectorizer = fit({.blocks = {block_of(kind, settings)}, .row_norm = Norm::none}, {{text}});
    const SparseRow row = apply(vectorizer, {text}, scratch);
    for (std::size_t i = 0; i < row.size(); ++i)
      if (vectorizer.feature_text(row.indices[i]) == gram) return row.values[i];
    return 0.0F;
  };
  CHECK(weight(GramKind::char_, "position", "äb ab", "b") == Approx(1.0 / 2 + 1.0 / 5));
  CHECK(weight(GramKind::char_, "word-position", "äb ab", "b") == Approx(1.0 / 2 + 1.0 / 2));
  CHECK(weight(GramKind::char_, "word-position", "äb ab", " ") == 1);
  CHECK(weight(GramKind::char_wb, "word-position", "äb ab", "b#") == Approx(1.0 / 3 + 1.0 / 3));
  CHECK(weight(GramKind::char_wb, "word-position", "äb ab", "#a") == 1);
}

TEST_CASE("tf, idf and norms follow their formulae") {
  const std::vector<Texts> corpus = {{"a a b"}, {"a c"}, {"c"}};
  Vectorizer::Scratch scratch;
  const auto weights = [&](std::string_view settings) {
    const Vectorizer vectorizer =
        fit({.blocks = {block_of(GramKind::word, "1:" + std::string(settings))}, .row_norm = Norm::none}, corpus);
    const SparseRow row = apply(vectorizer, {"a a b"}, scratch);
    return std::vector<double>(row.values.begin(), row.values.end());
  };
  CHECK(weights("idf=none,norm=none") == std::vector<double>{2, 1});
  CHECK(weights("idf=none,norm=none,tf=binary") == std::vector<double>{1, 1});
  CHECK(weights("idf=none,norm=none,tf=log")[0] == Approx(1 + std::log(2)));
  CHECK(weights("norm=none")[0] == Approx(2 * (std::log(4.0 / 3) + 1)));
  CHECK(weights("norm=none")[1] == Approx(std::log(4.0 / 2) + 1));
  // a is in 2 of 3 rows: ln(3/3) = 0, and zeros are not stored.
  REQUIRE(weights("idf=pecos,norm=none").size() == 1);
  CHECK(weights("idf=pecos,norm=none")[0] == Approx(std::log(3.0 / 2)));
  CHECK(weights("idf=none,norm=l1")[0] == Approx(2.0 / 3));
  CHECK(weights("idf=none,norm=l2")[1] == Approx(1 / std::sqrt(5)));
  CHECK(weights("idf=none,norm=max") == std::vector<double>{1, 0.5});
}

TEST_CASE("rows without known features are zero rows") {
  const Vectorizer vectorizer =
      fit({.blocks = {block_of(GramKind::word, "1"), block_of(GramKind::char_wb, "3")}}, {{"known"}});
  Vectorizer::Scratch scratch;
  CHECK(apply(vectorizer, {""}, scratch).size() == 0);
  CHECK(apply(vectorizer, {"xyz \xff"}, scratch).size() == 0);
  CHECK(apply(vectorizer, {"KNOWN"}, scratch).size() == 6);
}

TEST_CASE("an n-gram with an unknown word between known ones is none") {
  const Vectorizer vectorizer = fit({.blocks = {block_of(GramKind::word, "1-3")}}, {{"a b c"}});
  Vectorizer::Scratch scratch;
  CHECK(apply(vectorizer, {"a x b c"}, scratch).size() == 4);  // a, b, c, b c
}

TEST_CASE("fit and apply equal the plain way on random texts, options and numbers of threads") {
  Random random(7);
  for (int round = 0; round < 60; ++round) {
    VectorizerOptions options;
    for (std::uint64_t n = 1 + random.below(3); n > 0; --n)
      options.blocks.push_back(random_block(random));
    options.tokenizer.tokens = pick(random, {Tokens::unicode, Tokens::whitespace});
    options.tokenizer.fold_case = random.below(2) == 0;
    options.row_norm = pick(random, {Norm::none, Norm::l1, Norm::l2, Norm::max});
    const std::vector<Texts> corpus = random_corpus(random, 60, 2);
    std::vector<std::string> columns = {options.blocks[0].column};
    columns.emplace_back(columns[0] == "text" ? "title" : "text");
    const PlainVectorizer expected(options, columns, corpus);
    if (expected.features().empty()) continue;

    VectorizerFit probe(options, 1);
    const std::size_t read = probe.columns().size();  // a column that no block reads is not given
    const auto needed = [&](const Texts& texts) {
      return Texts(texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(read));
    };
    std::vector<Texts> given;
    for (const Texts& texts : corpus)
      given.push_back(needed(texts));
    const Vectorizer vectorizer = fit(options, given, pick(random, {1U, 2U, 7U}));

    INFO("round " << round << ": " << to_json(options).dump());
    REQUIRE(vectorizer.features() == expected.features().size());
    for (FeatureId f = 0; f < vectorizer.features(); ++f)
      if (vectorizer.feature_text(f) != text_of(expected.features()[f], options))
        REQUIRE(vectorizer.feature_text(f) == text_of(expected.features()[f], options));
    Vectorizer::Scratch scratch;
    for (const Texts& texts : random_corpus(random, 40, 2))
      require_equal(apply(vectorizer, needed(texts), scratch), expected.apply(texts));
    for (const Texts& texts : corpus)
      require_equal(apply(vectorizer, needed(texts), scratch), expected.apply(texts));
  }
}

TEST_CASE("a vectorizer does not depend on the number of threads or the order of rows") {
  Random random(3);
  std::vector<Texts> corpus = random_corpus(random, 300, 1);
  const VectorizerOptions options = {.blocks = {block_of(GramKind::word, "1-2"), block_of(GramKind::char_, "1-4"),
                                                block_of(GramKind::char_wb, "3:hash=10"),
                                                block_of(GramKind::word, "1-3:hash=12")}};
  const std::string one = fit(options, corpus, 1).fingerprint();
  CHECK(fit(options, corpus, 2).fingerprint() == one);
  CHECK(fit(options, corpus, 7).fingerprint() == one);
  random.shuffle(std::span(corpus));
  CHECK(fit(options, corpus, 3).fingerprint() == one);
}

TEST_CASE("hashed features are the same in every vectorizer, and count idf in fit") {
  const VectorizerOptions options = {.blocks = {block_of(GramKind::word, "1:hash=20,norm=none")},
                                     .row_norm = Norm::none};
  const Vectorizer small = fit(options, {{"a b"}, {"a"}});
  const Vectorizer other = fit(options, {{"c"}});
  CHECK(small.features() == std::uint64_t{1} << 20);
  Vectorizer::Scratch scratch;
  const SparseRow row = apply(small, {"a b unseen"}, scratch);
  REQUIRE(row.size() == 3);
  std::vector<double> weights(row.values.begin(), row.values.end());
  std::ranges::sort(weights);
  CHECK(weights[0] == Approx(1));                      // a: 1 + ln(3/3)
  CHECK(weights[1] == Approx(1 + std::log(3.0 / 2)));  // b
  CHECK(weights[2] == Approx(1 + std::log(3.0)));      // never seen
  const std::vector<std::uint32_t> indices(row.indices.begin(), row.indices.end());
  const SparseRow again = apply(other, {"a b unseen"}, scratch);
  CHECK(std::vector<std::uint32_t>(again.indices.begin(), again.indices.end()) == indices);
  CHECK(small.feature_text(indices[0]) == "hash:" + std::to_string(indices[0]));
}

TEST_CASE("scratch may go from one vectorizer to another") {
  const Vectorizer folded = fit({.blocks = {block_of(GramKind::word, "1")}}, {{"A b"}});
  const Vectorizer kept =
      fit({.blocks = {block_of(GramKind::word, "1")}, .tokenizer = {.fold_case = false}}, {{"A b"}});
  Vectorizer::Scratch scratch;
  CHECK(apply(folded, {"a"}, scratch).size() == 1);
  CHECK(apply(kept, {"a"}, scratch).size() == 0);
  CHECK(apply(folded, {"a"}, scratch).size() == 1);
}

TEST_CASE("fit refuses a corpus that gives nothing") {
  const VectorizerOptions options = {.blocks = {block_of(GramKind::word, "1:min-df=2")}};
  CHECK_THROWS_WITH(fit(options, {}), "no instances");
  CHECK_THROWS_WITH(fit(options, {{"a"}, {"b"}}), "no n-gram occurs in as many rows as min-df and max-df allow");
}
