#include "xmr/featurize/corpus_features.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/random_text.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using xmr::test::TemporaryDirectory;
using xmr::test::write_file;

namespace {

VectorizerOptions words() {
  return {.blocks = {parse_block(GramKind::word, "1", {})}};
}

std::string print_of(const std::vector<CsrMatrix>& pieces) {
  const std::vector<CsrView> views(pieces.begin(), pieces.end());
  return fingerprint(vstack(views));
}

std::string failure(const CorpusInput& input) {
  Parallel parallel(2);
  try {
    fit_corpus(input, words(), parallel);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

struct Warnings : Observer {
  std::vector<std::string> lines;
  void warn(std::string_view message) override { lines.emplace_back(message); }
};

}  // namespace

TEST_CASE("X and Y come in the order of the input, the same for any number of threads") {
  const TemporaryDirectory dir;
  Random random(2);
  for (const char* name : {"a", "b"}) {
    std::string text;
    for (int i = 0; i < 3000; ++i)
      text += std::to_string(random.below(50)) + "\t" + test::random_text(random, 200) + " x\n";
    // Tabs inside a text would be columns.
    std::string lines;
    bool first_tab = true;
    for (const char c : text) {
      if (c == '\n') first_tab = true;
      lines += c == '\t' && !std::exchange(first_tab, false) ? ' ' : c;
    }
    write_file(dir / name, lines);
  }
  const CorpusInput input{{dir / "a", dir / "b"}};
  std::string x, y, vectorizer;
  for (const unsigned threads : {1U, 2U, 7U}) {
    Parallel parallel(threads);
    const LearntCorpus learnt = fit_corpus(input, words(), parallel);
    CHECK(learnt.counts.rows == 6000);
    const LabelColumn ids(50);
    const CorpusFeatures features = featurize_corpus(input, learnt.vectorizer, &ids, parallel);
    CHECK(features.counts.rows == 6000);
    CHECK(features.labels == 50);
    if (threads == 1) {
      vectorizer = learnt.vectorizer.fingerprint();
      x = print_of(features.x);
      y = print_of(features.y);
    }
    CHECK(learnt.vectorizer.fingerprint() == vectorizer);
    CHECK(print_of(features.x) == x);
    CHECK(print_of(features.y) == y);
  }
}

TEST_CASE("a bad row is named by file and line") {
  const TemporaryDirectory dir;
  write_file(dir / "a", "1\tone\n");
  write_file(dir / "b", "1\tone\r\n2\ttwo\r\nthree");
  CHECK(failure({{dir / "a", dir / "b"}}) == (dir / "b") + ":3: no tab in a line of 2 columns (labels,text)");
  write_file(dir / "c", "1\tone\n2\tt\xffwo\n");
  CHECK(failure({{dir / "c"}}) == "none");
  CHECK(failure({.paths = {dir / "c"}, .invalid_utf8 = InvalidUtf8::refuse}) ==
        (dir / "c") + ":2: byte 2 of the text is 0xff, which is not UTF-8 there");
  CHECK(failure({{dir / "a"}, CorpusColumns("labels,title")}) == "no column 'text' among labels,title");
}

TEST_CASE("input without a row is an error") {
  const TemporaryDirectory dir;
  write_file(dir / "empty", "");
  CHECK(failure({{dir / "empty"}}) == (dir / "empty") + ": has no row, at least one is needed");
  write_file(dir / "bad", "no tab\n");
  CHECK(failure({.paths = {dir / "bad"}, .skip_bad_rows = true}) ==
        (dir / "bad") + ": has no row, at least one is needed");
}

TEST_CASE("bad rows are left out of X and Y alike, and told") {
  const TemporaryDirectory dir;
  write_file(dir / "t", "0\ta\nno tab\n1\tb\n99\tc\n2\ta b\n");
  const CorpusInput input{.paths = {dir / "t"}, .skip_bad_rows = true};
  Warnings warnings;
  Parallel parallel(2, warnings);
  const LearntCorpus learnt = fit_corpus(input, words(), parallel);
  CHECK(learnt.counts.rows == 4);
  CHECK(learnt.vectorizer.features() == 3);
  const LabelColumn ids(3);
  const CorpusFeatures features = featurize_corpus(input, learnt.vectorizer, &ids, parallel);
  CHECK(features.counts.rows == 3);
  CHECK(features.counts.skipped_rows == 2);
  REQUIRE(features.y.size() == 1);
  CHECK(features.y[0].view().rows == 3);
  CHECK(features.x[0].view().rows == 3);
  CHECK(warnings.lines ==
        std::vector<std::string>{
            "1 bad rows left out, the first: " + (dir / "t") + ":2: no tab in a line of 2 columns (labels,text)",
            "2 bad rows left out, the first: " + (dir / "t") + ":2: no tab in a line of 2 columns (labels,text)"});
}

TEST_CASE("a column weight multiplies the weights of labels") {
  const TemporaryDirectory dir;
  write_file(dir / "t", "a\t0,1:2\t3\nb\t2\t0\n");
  const CorpusInput input{.paths = {dir / "t"}, .columns = CorpusColumns("text,labels,weight")};
  Parallel parallel;
  const LearntCorpus learnt = fit_corpus(input, words(), parallel);
  const LabelColumn ids(3);
  const CorpusFeatures features = featurize_corpus(input, learnt.vectorizer, &ids, parallel);
  REQUIRE(features.y.size() == 1);
  CHECK(features.x[0].rows() == 2);
  CHECK(std::ranges::equal(features.y[0].view().indices, std::vector<std::uint32_t>{0, 1}));
  CHECK(std::ranges::equal(features.y[0].view().values, std::vector<float>{3, 6}));
}

TEST_CASE("a line of 10 MB is a row like any other") {
  const TemporaryDirectory dir;
  std::string text = "0\t";
  while (text.size() < 10'000'000)
    text += "word" + std::to_string(text.size() % 1000) + " ";
  write_file(dir / "t", text + "\n1\tword2 word\n");
  Parallel parallel(2);
  const LearntCorpus learnt = fit_corpus({{dir / "t"}}, words(), parallel);
  CHECK(learnt.counts.rows == 2);
  const CorpusFeatures features = featurize_corpus({{dir / "t"}}, learnt.vectorizer, nullptr, parallel);
  CHECK(features.y.empty());
  CHECK(features.x.back().view().row(features.x.back().rows() - 1).size() >= 1);
}

TEST_CASE("a corpus that was cut off or changed is refused or gives X and Y that keep the rules", "[damage]") {
  const TemporaryDirectory dir;
  Parallel parallel(1);
  const auto read = [&](const std::string& bytes) {
    write_file(dir / "c.tsv", bytes);
    const CorpusInput input{.paths = {dir / "c.tsv"}};
    const LearntCorpus learnt = fit_corpus(input, words(), parallel);
    const LabelColumn labels(8);
    const CorpusFeatures made = featurize_corpus(input, learnt.vectorizer, &labels, parallel);
    REQUIRE(made.labels <= 8);
    for (const std::vector<CsrMatrix>* pieces : {&made.x, &made.y})
      for (const CsrMatrix& piece : *pieces)
        REQUIRE(std::ranges::all_of(piece.view().values, [](float value) { return std::isfinite(value); }));
    REQUIRE(made.counts.rows == learnt.counts.rows);
  };
  test::Damage damage("corpus", "0,7:0.5\tred car\n\t\xc3\xa9\n3\t\r\n1\tblue");
  damage.cut(read);
  damage.replace(read);
}
