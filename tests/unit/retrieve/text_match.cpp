#include "xmr/retrieve/text_match.hpp"

#include "xmr/featurize/vectorizer_fit.hpp"
#include "xmr/io/names.hpp"

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

  TextMatch match(std::string_view query, LabelId label) const {
    const LabelTexts texts = table.view();
    TextReader read(vectorizer, idf);
    TextMatcher matcher(texts);
    matcher.ask(read(query));
    return matcher(label);
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
