#include "xmr/featurize/pecos_tfidf.hpp"

#include <cmath>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using xmr::test::TemporaryDirectory;

namespace {

void write_base(const std::string& folder, int token_type, const std::string& vocabulary, const std::string& features,
                const std::string& range, int max_length = -1, const std::string& norm = "l2") {
  std::filesystem::create_directories(folder + "/tokenizer");
  std::filesystem::create_directories(folder + "/vectorizer");
  test::write_file(folder + "/tokenizer/config.json", "{\"token_type\": " + std::to_string(token_type) + "}");
  test::write_file(folder + "/tokenizer/vocab.txt", vocabulary);
  test::write_file(folder + "/vectorizer/config.json",
                   R"({"type": "tfidf", "kwargs": {"binary": false, "use_idf": true, "sublinear_tf": false, )"
                   R"("ngram_range": [)" +
                       range + "], \"max_length\": " + std::to_string(max_length) + ", \"norm_p\": \"" + norm + "\"}}");
  test::write_file(folder + "/vectorizer/tfidf-model.txt", features);
}

// Words 1-2 and characters 3 of char_wb: features "echo" 2, "red" 3, "red echo" 0.5; "ed ", " ec", " re".
void write_vectorizer(const std::string& folder) {
  write_base(folder + "/0.base", 10, "3\n2\tdot\n0\techo\n1\tred\n", "3\n1\t3.0\t1\t1\n0\t2.0\t1\t0\n2\t0.5\t2\t1 0\n",
             "1, 2");
  write_base(folder + "/1.base", 30, "5\n0\t \n1\tc\n2\td\n3\te\n4\tr\n",
             "3\n0\t1.0\t3\t3 2 0\n1\t1.0\t3\t0 3 1\n2\t1.0\t3\t0 4 3\n", "3, 3", 6);
  test::write_file(folder + "/meta.json", R"({"type": "tfidf", "kwargs": {"num_base_vect": 2, "norm_p": 2}})");
}

std::vector<std::pair<FeatureId, float>> features_of(const Vectorizer& vectorizer, std::string_view text) {
  Vectorizer::Scratch scratch;
  const SparseRow row = vectorizer.apply({&text, 1}, scratch);
  std::vector<std::pair<FeatureId, float>> pairs;
  for (std::size_t i = 0; i < row.size(); ++i)
    pairs.emplace_back(row.indices[i], row.values[i]);
  return pairs;
}

}  // namespace

TEST_CASE("a vectorizer of PECOS gives PECOS's features") {
  const TemporaryDirectory folder;
  write_vectorizer(folder / "tfidf");
  Parallel parallel(1);
  const Vectorizer vectorizer = read_pecos_vectorizer(folder / "tfidf", parallel);
  CHECK(vectorizer.features() == 6);
  CHECK(vectorizer.feature_text(2) == "red echo");
  // Each block has length 1, then the whole. Of the characters "red ec" (cut after six) there are "ed " and " ec"; no
  // boundary stands before the first word.
  const auto row = features_of(vectorizer, "red echo");
  REQUIRE(row.size() == 5);
  const double words = std::sqrt(2.0 * 2 + 3.0 * 3 + 0.25), both = std::sqrt(2.0);
  CHECK(row[0].second == Approx(2 / words / both));
  CHECK(row[1].second == Approx(3 / words / both));
  CHECK(row[2].second == Approx(0.5 / words / both));
  CHECK(row[3] == std::pair<FeatureId, float>{3, row[4].second});
  CHECK(row[4].first == 4);
  CHECK(row[4].second == Approx(1 / both / both));
  CHECK(features_of(vectorizer, "RED ECHO").empty());  // no case folding
  CHECK(features_of(vectorizer, "red, x").size() == 0);
}

TEST_CASE("a folder of a base vectorizer alone is read with its own norm") {
  const TemporaryDirectory folder;
  write_base(folder / "a", 20, "2\n0\tx\n1\t\xc3\xa9\n", "2\n0\t1.5\t1\t0\n1\t0.5\t2\t0 1\n", "1, 2", -1, "l1");
  Parallel parallel(1);
  const Vectorizer vectorizer = read_pecos_vectorizer(folder / "a", parallel);
  CHECK(features_of(vectorizer, "x\xc3\xa9") == std::vector<std::pair<FeatureId, float>>{{0, 0.75F}, {1, 0.25F}});
}

TEST_CASE("blanks and tabs are characters like others") {
  const TemporaryDirectory folder;
  write_base(folder / "a", 20, "4\n0\tx\n1\t\t\n2\t \n3\ty\n", "2\n0\t1.0\t2\t0 1\n1\t1.0\t2\t2 3\n", "2, 2", -1, "l1");
  Parallel parallel(1);
  const Vectorizer vectorizer = read_pecos_vectorizer(folder / "a", parallel);
  CHECK(features_of(vectorizer, "x\t") == std::vector<std::pair<FeatureId, float>>{{0, 1}});
  CHECK(features_of(vectorizer, "x y") == std::vector<std::pair<FeatureId, float>>{{1, 1}});
}

TEST_CASE("words that two blocks know are one word") {
  const TemporaryDirectory folder;
  write_base(folder / "t/0.base", 10, "1\n0\techo\n", "1\n0\t1.0\t1\t0\n", "1, 1");
  write_base(folder / "t/1.base", 10, "2\n0\tdot\n1\techo\n", "1\n0\t1.0\t2\t1 0\n", "2, 2");
  test::write_file(folder / "t/meta.json", R"({"type": "tfidf", "kwargs": {"num_base_vect": 2, "norm_p": 1}})");
  Parallel parallel(1);
  const Vectorizer vectorizer = read_pecos_vectorizer(folder / "t", parallel);
  CHECK(features_of(vectorizer, "echo dot") == std::vector<std::pair<FeatureId, float>>{{0, 0.5F}, {1, 0.5F}});
}

TEST_CASE("hostile vectorizers of PECOS are refused with file and line") {
  const TemporaryDirectory folder;
  const std::string place = folder / "t";
  Parallel parallel(1);
  const auto refusal = [&](const std::string& file, const std::string& content) {
    std::filesystem::remove_all(place);
    write_vectorizer(place);
    test::write_file(place + "/" + file, content);
    try {
      static_cast<void>(read_pecos_vectorizer(place, parallel));
    } catch (const Error& error) {
      const std::string message = error.what();
      REQUIRE(message.starts_with(place + "/"));
      return message.substr(place.size() + 1);
    }
    return std::string("accepted");
  };
  const std::string vocab = "0.base/tokenizer/vocab.txt", model = "0.base/vectorizer/tfidf-model.txt";
  CHECK(refusal(vocab, "") == vocab + ": is empty");
  CHECK(refusal(vocab, "x\n") == vocab + ":1: 'x' is not the number of the lines that follow");
  CHECK(refusal(vocab, "4000000000\n0\ta\n") == vocab + ":1: '4000000000' is not the number of the lines that follow");
  CHECK(refusal(vocab, "3\n0\ta\n1\tb\n") == vocab + ": 2 lines follow the first, which announces 3");
  CHECK(refusal(vocab, "3\n0\ta\n0\tb\n1\tc\n") == vocab + ":3: token 0 is there twice");
  CHECK(refusal(vocab, "3\n0\ta\n3\tb\n1\tc\n") == vocab + ":3: token '3' is not a number in 0..2");
  CHECK(refusal(model, "1\n0\t1.0\t1\t3\n") == model + ":2: token '3' is not in vocab.txt, 0..2");
  CHECK(refusal(model, "1\n0\tnan\t1\t0\n") == model + ":2: idf 'nan' is not a number in 0..");
  CHECK(refusal(model, "1\n0\t1.0\t3\t0 1 2\n") == model + ":2: '3' tokens, ngram_range allows 1..2");
  CHECK(refusal(model, "1\n0\t1.0\t1\t0 1\n") == model + ":2: more than 1 tokens");
  CHECK(refusal(model, "2\n0\t1.0\t1\t0\n1\t1.0\t1\t0\n") == model + ": features 0 and 1 have the same tokens");
  CHECK(refusal("0.base/tokenizer/config.json", R"({"token_type": 40})") ==
        "0.base/tokenizer/config.json: token_type is 40, allowed are 10 (words), 20 (characters) and 30 (characters "
        "inside words)");
  CHECK(refusal("1.base/tokenizer/vocab.txt", "5\n0\t \n1\tc\n2\td\n3\tee\n4\tr\n") ==
        "1.base/tokenizer/vocab.txt: token 3, 'ee', is not a single character");
  const auto word = [](const std::string& text) { return "3\n0\techo\n1\t" + text + "\n2\tdot\n"; };
  CHECK(refusal(vocab, word("red bus")) == vocab + ": token 1, 'red bus', is not a single word");
  CHECK(refusal(vocab, word("\t")) == vocab + ": token 1, '\\x09', is not a single word");
  CHECK(refusal(vocab, "3\n0\techo\n1\tred\n2\tno feature has it\n") == "accepted");
  CHECK(refusal("meta.json", R"({"type": "hashing", "kwargs": {}})") ==
        "meta.json: a vectorizer of type 'hashing', only tfidf is read");
  CHECK(refusal("meta.json", R"({"type": "tfidf", "kwargs": {"num_base_vect": 3, "norm_p": 2}})") ==
        "2.base/tokenizer/config.json: cannot open: No such file or directory");
}

TEST_CASE("a vectorizer of PECOS with a damaged file is refused or gives finite features", "[damage]") {
  const TemporaryDirectory folder;
  const std::string place = folder / "t";
  write_vectorizer(place);
  Parallel parallel(1);
  const std::string file =
      place + GENERATE("/meta.json", "/0.base/tokenizer/config.json", "/0.base/tokenizer/vocab.txt",
                       "/0.base/vectorizer/config.json", "/0.base/vectorizer/tfidf-model.txt");
  const auto read = [&](const std::string& bytes) {
    test::write_file(file, bytes);
    for (const auto& [feature, value] : features_of(read_pecos_vectorizer(place, parallel), "red echo dot"))
      REQUIRE(std::isfinite(value));
  };
  test::Damage damage("PECOS vectorizer", test::read_file(file));
  damage.cut(read);
  damage.replace(read);
}
