#include "xmr/retrieve/text_match.hpp"

#include "xmr/featurize/vectorizer_fit.hpp"
#include "xmr/io/json.hpp"
#include "xmr/io/names.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/io/npz_writer.hpp"
#include "xmr/retrieve/word_links.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

// The texts of some labels, and what reads queries.
struct Catalogue {
  LabelNames names;
  Vectorizer vectorizer;
  std::vector<float> idf;
  LabelTextsTable table;

  explicit Catalogue(const std::vector<std::string>& texts) : names(name(texts)), vectorizer(learn(texts)) {
    idf.assign(TextSpace(vectorizer).weighed(), 1.0F);
    table = build_label_texts(names.stored(), vectorizer, std::vector<std::uint32_t>(texts.size(), 1), texts.size());
  }

  TextMatch match(std::string_view query, LabelId label, std::span<const Leader> leaders = {},
                  const WordLinks& links = {}) const {
    const LabelTexts texts = table.view();
    TextReader read(vectorizer, idf);
    TextMatcher matcher(texts, links);
    matcher.ask(read(query), leaders);
    return matcher(label);
  }
  std::uint32_t word(std::string_view text) const {
    Vectorizer::Scratch scratch;
    vectorizer.apply({&text, 1}, scratch);
    return Vectorizer::read_words(scratch)[0];
  }
  // The links of a log: each row a query and its label.
  WordLinksTable link(const std::vector<std::pair<std::string_view, LabelId>>& log) const {
    Parallel parallel(2);
    CsrMatrix words(TextSpace(vectorizer).words()), y(table.of.size());
    Vectorizer::Scratch scratch;
    for (const auto& [query, label] : log) {
      const SparseRow row = vectorizer.apply({&query, 1}, scratch, 1);
      for (std::size_t i = 0; i < row.size(); ++i)
        words.push(row.indices[i], row.values[i]);
      words.end_row();
      y.push(label, 1);
      y.end_row();
    }
    return build_word_links(words, y, table.view(), parallel);
  }

 private:
  static LabelNames name(const std::vector<std::string>& texts) {
    LabelNames names;
    for (std::size_t i = 0; i < texts.size(); ++i)
      names.add("key" + std::to_string(i), texts[i], 0);
    return names;
  }
  static Vectorizer learn(const std::vector<std::string>& texts) {
    Parallel parallel;
    VectorizerFit fit(text_space_options(1), 1);
    for (const std::string& text : texts) {
      const std::string_view view = text;
      fit.add({&view, 1}, 0);
    }
    return fit.finish(parallel);
  }
};

}  // namespace

TEST_CASE("a text agrees with a query by the words that both hold") {
  const Catalogue catalogue({"red garden chair", "blue chair", "lamp 12 in", "lamp 24 in"});
  const TextMatch same = catalogue.match("Red garden CHAIR", 0);
  CHECK(same.covered == 1);
  CHECK(same.told == 1);
  CHECK(same.grams_covered == 1);
  CHECK(same.grams_told == 1);
  CHECK(same.run == 1);
  CHECK(same.ordered == 1);
  CHECK(same.is_equal == 1);
  CHECK(same.words == 3);

  const TextMatch part = catalogue.match("garden chair cover", 0);
  CHECK(part.covered > 0);
  CHECK(part.covered < 1);
  CHECK(part.run == 2 / 3.0F);
  CHECK(part.ordered == 0.5F);
  CHECK(part.has_last == 0);
  CHECK(part.is_equal == 0);

  const TextMatch other = catalogue.match("garden chair", 1);
  CHECK(other.has_last == 1);
  CHECK(other.same_last == 1);
  CHECK(other.same_first == 0);
  CHECK(other.covered < 0.5F);  // the frequent word weighs less

  CHECK(catalogue.match("chair garden red", 0).covered == 1);
  CHECK(catalogue.match("chair garden red", 0).is_equal == 0);
}

TEST_CASE("words with digits agree, contradict, or are not there") {
  const Catalogue catalogue({"red garden chair", "blue chair", "lamp 12 in", "lamp 24 in"});
  CHECK(catalogue.match("12 in lamp", 2).numbers == 1);
  CHECK(catalogue.match("12 in lamp", 2).contradicts == 0);
  CHECK(catalogue.match("12 in lamp", 3).numbers == 0);
  CHECK(catalogue.match("12 in lamp", 3).contradicts == 1);
  CHECK(catalogue.match("12 in lamp", 0).contradicts == 0);
  CHECK(catalogue.match("7x lamp", 3).contradicts == 1);  // a word that no text holds
  CHECK(catalogue.match("lamp", 3).contradicts == 0);
}

TEST_CASE("every number of a match lies in 0..1, whatever the texts") {
  const Catalogue catalogue({"a a a b", "b", "", "x1 x1", "c a b c a b c a b"});
  for (const char* query : {"", "a", "a a", "b a b a", "c a b", "x1 x2 x1", "?", "zz zz"}) {
    for (LabelId label = 0; label < 5; ++label) {
      INFO(query << ", label " << label);
      const TextMatch match = catalogue.match(query, label);
      for (const float number : {match.covered, match.told, match.grams_covered, match.grams_told, match.run,
                                 match.ordered, match.has_last, match.numbers}) {
        CHECK(number >= 0);
        CHECK(number <= 1.00001F);
      }
    }
  }
}

TEST_CASE("a text is like the leaders by the grams that both hold, and never like itself") {
  const Catalogue catalogue({"red garden chair", "red garden chair", "garden chair", "lamp"});
  const std::vector<Leader> one = {{0, 2}}, two = {{0, 3}, {3, 1}};
  CHECK(catalogue.match("sofa", 1, one).like_leaders == 1);
  CHECK(catalogue.match("sofa", 1, one).like_a_leader == 1);
  CHECK(catalogue.match("sofa", 0, one).like_a_leader == 0);
  CHECK(catalogue.match("sofa", 0, two).like_a_leader == 0);  // a lamp is not like a chair
  CHECK(catalogue.match("sofa", 1, two).like_leaders == 0.75F);
  const TextMatch part = catalogue.match("garden", 2, two);
  CHECK(part.like_a_leader > 0.5F);
  CHECK(part.like_a_leader < 1);
  CHECK(part.like_leaders == 0.75F * part.like_a_leader);
  CHECK(part.grams_covered == catalogue.match("garden", 2).grams_covered);
}

TEST_CASE("a log links words of queries with words of the texts of their labels") {
  const Catalogue catalogue({"couch red", "sofa red", "sofa blue", "lamp red", "lamp blue", "big sofa"});
  const WordLinksTable table =
      catalogue.link({{"couch", 1}, {"couch", 2}, {"big couch", 1}, {"red", 3}, {"blue", 4}, {"red", 3}});
  const WordLinks links = table.view();
  const std::uint32_t couch = catalogue.word("couch"), sofa = catalogue.word("sofa");
  REQUIRE(links.end(couch) == links.begin(couch) + 1);  // "red" is with it by chance, "blue" in one row alone
  CHECK(links.word(links.begin(couch)) == sofa);
  CHECK(links.strength(links.begin(couch)) == (3 - 3 * 3 / 6.0F - 0.5F) / (3 + 2));
  CHECK(links.begin(Vectorizer::kUnknownWord) == links.end(Vectorizer::kUnknownWord));

  const TextMatch cold = catalogue.match("couch", 5, {}, links);
  CHECK(cold.linked_word == links.strength(links.begin(couch)));
  CHECK(cold.linked_sum == cold.linked_word);
  CHECK(cold.linked_mean > 0);
  CHECK(cold.linked_mean < cold.linked_word);
  CHECK(catalogue.match("couch", 4, {}, links).linked_word == 0);
  CHECK(catalogue.match("couch", 5).linked_word == 0);
}

TEST_CASE("texts of labels come back from their file, and damaged ones are refused") {
  const Catalogue catalogue({"red garden chair", "", "lamp 12 in"});
  const LabelTexts made = catalogue.table.view();
  const auto attempt = [&](const LabelTextsTable& table, std::uint64_t labels, auto&& use) {
    AlignedBytes bytes;
    NpzWriter out(bytes);
    table.write(out);
    out.commit({"texts", 1, Json::object()});
    const NpzFile file(MappedFile::of(bytes.view(), "texts"));
    use(LabelTexts::read(file, labels, catalogue.vectorizer));
  };
  attempt(catalogue.table, 3, [&](const LabelTexts& read) {
    for (LabelId label = 0; label < 3; ++label) {
      CHECK(std::ranges::equal(read.words(label), made.words(label)));
      CHECK(std::ranges::equal(read.grams(label), made.grams(label)));
      CHECK(read.word_weight(label) == made.word_weight(label));
      CHECK(read.count(label) == 1);
    }
    CHECK(read.words(0).size() == 3);
    CHECK(read.words(1).size() == 1);  // a label without a text has its key
  });
  const auto refuse = [&](auto&& change) {
    LabelTextsTable table = catalogue.table;
    change(table);
    CHECK_THROWS_AS(attempt(table, 3, [](const LabelTexts&) {}), FormatError);
  };
  CHECK_THROWS_AS(attempt(catalogue.table, 4, [](const LabelTexts&) {}), FormatError);
  refuse([](LabelTextsTable& table) { table.of[2].first[0] += 1; });
  refuse([](LabelTextsTable& table) { table.of[2].first[1] = 1; });
  refuse([](LabelTextsTable& table) { table.of[2].words += 1; });
  refuse([](LabelTextsTable& table) { table.of[2].grams = 257; });
  refuse([](LabelTextsTable& table) { table.of[0].gram_weight = -1; });
  refuse([](LabelTextsTable& table) { table.entries.push_back(0); });
  refuse([](LabelTextsTable& table) { table.entries.back() = 0x7fffffff; });
  refuse([](LabelTextsTable& table) { table.gram_idf.pop_back(); });
}

TEST_CASE("damaged links are refused") {
  const Catalogue catalogue({"couch red", "sofa red"});
  const WordLinksTable right = catalogue.link({{"couch", 1}, {"couch", 1}, {"red", 0}, {"red", 0}});
  const std::uint64_t words = right.offsets.size() - 1;
  const auto read = [](const WordLinksTable& table, std::uint64_t of) {
    AlignedBytes bytes;
    NpzWriter out(bytes);
    table.write(out);
    out.commit({"links", 1, Json::object()});
    const NpzFile file(MappedFile::of(bytes.view(), "links"));
    return WordLinks::read(file, of).end(0);
  };
  CHECK_NOTHROW(read(right, words));
  CHECK_THROWS_AS(read(right, words + 1), FormatError);
  WordLinksTable table = right;
  table.words.assign(table.words.size(), static_cast<std::uint32_t>(words));
  CHECK_THROWS_AS(read(table, words), FormatError);
  table = right;
  table.strengths.assign(table.strengths.size(), 2.0F);
  CHECK_THROWS_AS(read(table, words), FormatError);
  table = right;
  table.strengths.pop_back();
  CHECK_THROWS_AS(read(table, words), FormatError);
  table = right;
  table.offsets.back() += 1;
  CHECK_THROWS_AS(read(table, words), FormatError);
}

TEST_CASE("feature i of the block of words is word i") {
  const Catalogue catalogue({"b c a", "zebra a", "x 12"});
  REQUIRE(catalogue.vectorizer.words() == TextSpace(catalogue.vectorizer).words());
  for (std::uint32_t word = 0; word < catalogue.vectorizer.words(); ++word)
    CHECK(catalogue.vectorizer.feature_text(word) == catalogue.vectorizer.word(word));
}
