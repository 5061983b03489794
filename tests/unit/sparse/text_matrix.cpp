#include "xmr/sparse/text_matrix.hpp"

#include <cmath>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <sys/stat.h>

#include "xmr/sparse/operations.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/random_matrix.hpp"
#include "support/temporary_directory.hpp"
#include "support/text_matrix_oracle.hpp"

using namespace xmr;
using namespace xmr::test;

namespace {

// The joined pieces of the matrices that were read.
struct Whole {
  TextForm form;
  CsrMatrix x, y;
  std::uint64_t skipped_rows;
};

Whole whole(const TextMatrices& read) {
  const auto together = [&](const std::vector<CsrMatrix>& pieces, std::uint64_t cols) {
    const std::vector<CsrView> views(pieces.begin(), pieces.end());
    CsrMatrix all = vstack(views);
    CHECK(all.cols() == cols);
    CHECK(all.rows() == read.rows);
    return all;
  };
  return {read.form, together(read.x, read.features), together(read.y, read.labels), read.skipped_rows};
}

Whole parse(const std::string& text, const TextInput& how = {}, unsigned threads = 1) {
  const TemporaryDirectory dir;
  write_file(dir / "t", text);
  Parallel parallel(threads);
  return whole(read_text_matrices(InputFile(dir / "t"), how, parallel));
}

// The message behind the path, for example ":2: label 7 is outside 0..4".
std::string message(const std::string& text, const TextInput& how = {}) {
  const TemporaryDirectory dir;
  write_file(dir / "t", text);
  Parallel parallel(1);
  try {
    read_text_matrices(InputFile(dir / "t"), how, parallel);
  } catch (const DataError& error) {
    return std::string(error.what()).substr(std::string(dir / "t").size());
  }
  return "accepted";
}

std::string written(CsrView x, CsrView y, TextForm form, const TextDialect& dialect, unsigned threads = 1) {
  const TemporaryDirectory dir;
  Parallel parallel(threads);
  OutputFile out(dir / "t");
  write_text_matrices(out, x, y, form, dialect, parallel);
  out.commit();
  return read_file(dir / "t");
}

// Well-formed text with everything that the grammar allows.
std::string random_text(TextForm form, const TextDialect& dialect, std::uint64_t rows, std::uint64_t seed) {
  Random random(seed);
  const auto blanks = [&] { return std::string(1 + random.below(2), random.below(4) == 0 ? '\t' : ' '); };
  const auto number = [&] {
    switch (random.below(5)) {
      case 0:
        return std::string("0");
      case 1:
        return fmt::format("{}", random.below(100));
      case 2:
        return fmt::format("{:e}", random.uniform() * 1e-20);
      default:
        return fmt::format("{:.6f}", random.uniform());
    }
  };
  std::string text = form == TextForm::xmc ? fmt::format("{}\t{} {}\n", rows, 1000, 50) : "# made at random\n\n";
  for (std::uint64_t row = 0; row < rows; ++row) {
    const std::uint64_t labels = random.below(4), features = random.below(6);
    for (std::uint64_t i = 0; i < labels; ++i) {
      text += fmt::format("{}{}", i > 0 ? "," : "", random.below(50) + dialect.first_label);
      if (dialect.label_weights && random.below(2) == 0) text.append(1, ':').append(number());
    }
    if (labels == 0 && (dialect.label_weights || features == 0 || random.below(2) == 0)) text += blanks();
    for (std::uint64_t i = 0; i < features; ++i) {
      if (i > 0 || labels > 0) text += blanks();
      text +=
          fmt::format("{}:{}{}", random.below(1000) + dialect.first_feature, random.below(4) == 0 ? "-" : "", number());
    }
    if (random.below(8) == 0) text += blanks();
    if (form == TextForm::svmlight && random.below(8) == 0) text += "# 1:2 no feature";
    if (row + 1 < rows || random.below(2) == 0) text += random.below(3) == 0 ? "\r\n" : "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("text of both forms is read as the plain reader reads it, for any number of threads") {
  const TextForm form = GENERATE(TextForm::xmc, TextForm::svmlight);
  const TextDialect dialect = GENERATE(TextDialect{}, TextDialect{1, 0, false}, TextDialect{1, 1, true});
  const std::uint64_t rows = GENERATE(1U, 2U, 300U);
  const auto seed = GENERATE(range(1U, 6U));
  const TextDialect used = form == TextForm::xmc ? TextDialect{0, 0, dialect.label_weights} : dialect;
  const std::string text = random_text(form, used, rows, seed);
  std::istringstream stream(text);
  const OracleText expected = read_text_plainly(stream, form, used);
  const Whole found = parse(text, {.form = form, .dialect = used}, GENERATE(1U, 3U));
  INFO(text);
  CHECK(equal(found.x, matrix_of(expected.features, expected.feature_count)));
  CHECK(equal(found.y, matrix_of(expected.labels, expected.label_count)));
}

TEST_CASE("text of many blocks gives the same matrices for any number of threads", "[threads]") {
  const std::string text = random_text(TextForm::xmc, {}, 150000, 7);
  REQUIRE(text.size() > (std::size_t{4} << 20));
  const Whole one = parse(text, {}, 1), many = parse(text, {}, GENERATE(2U, 7U));
  CHECK(one.x.rows() == 150000);
  CHECK(equal(one.x, many.x));
  CHECK(equal(one.y, many.y));
}

TEST_CASE("matrices come back from text as they were written") {
  const TextForm form = GENERATE(TextForm::xmc, TextForm::svmlight);
  const TextDialect dialect = GENERATE(TextDialect{}, TextDialect{1, 1, false}, TextDialect{1, 0, true});
  const double density = GENERATE(0.0, 0.05, 1.0);
  const CsrMatrix x = random_matrix(3000, 20, density, 1);
  CsrMatrix y = random_matrix(3000, 7, density, 2, /*positive=*/true);
  if (!dialect.label_weights)
    for (float& weight : y.mutable_values())
      weight = 1;
  const std::string text = written(x, y, form, dialect);
  CHECK(text == written(x, y, form, dialect, 3));
  const Whole found = parse(text, {.dialect = dialect, .features = 20, .labels = 7});
  CHECK(found.form == form);
  CHECK(equal(found.x, x));
  CHECK(equal(found.y, y));
}

TEST_CASE("the form is told from the first line") {
  CHECK(parse("1 2 3\n0 1:1").form == TextForm::xmc);
  CHECK(parse(" 1\t2 3 \r\n0 1:1").form == TextForm::xmc);
  CHECK(parse("1 2:3\n").form == TextForm::svmlight);
  CHECK(parse("1,2\n").form == TextForm::svmlight);
  CHECK(parse("# 1 2 3\n1 2:3\n").form == TextForm::svmlight);
  CHECK(parse("1 2\n1:1").form == TextForm::matrix);
  CHECK(message("1 2\n0 1:1") == ":2: '0' has no value, 'feature:value' is needed");
  CHECK(message("1 2 3\n", {.form = TextForm::svmlight}) == ":1: '2' has no value, 'feature:value' is needed");
  CHECK(message("0 1:1\n", {.form = TextForm::xmc}) == ":1: three integers are needed: rows features labels");
}

TEST_CASE("columns of svmlight are the largest id, or as many as asked for") {
  const std::string text = "3 1:0.5 7:0\n1 2:1\n";
  CHECK(parse(text).x.cols() == 8);  // a zero is no entry, but its column was named
  CHECK(parse(text).x.view().nnz() == 2);
  CHECK(parse(text).y.cols() == 4);
  CHECK(parse(text, {.features = 100, .labels = 50}).x.cols() == 100);
  CHECK(parse(text, {.features = 100, .labels = 50}).y.cols() == 50);
  CHECK(parse(text, {.dialect = {1, 1, false}}).x.cols() == 7);
  CHECK(message(text, {.features = 7}) == ":1: feature '7' is outside 0..6");
  CHECK(message(text, {.labels = 3}) == ":1: label '3' is outside 0..2");
  CHECK(message("1 2 3\n\n", {.features = 5}) == ":1: the header says 2 features, 5 are asked for");
  CHECK_THROWS_AS(parse(text, {.features = std::uint64_t{1} << 40}), ConfigError);
}

TEST_CASE("a row may lack labels, features or both") {
  const Whole xmc = parse("6 9 9\n 1:1\n1:1\n5\n5,\t\n\n \n" + std::string(), {.skip_bad_rows = true});
  CHECK(xmc.skipped_rows == 1);  // "5,"
  CHECK(xmc.x.rows() == 5);
  CHECK(xmc.x.view().nnz() == 2);
  CHECK(xmc.y.view().nnz() == 1);
  // An empty line is no row of svmlight, one with a blank is.
  CHECK(parse("1 1:1\n\n \n#\n #\n").x.rows() == 3);
}

TEST_CASE("what is wrong is told with its line and what is allowed") {
  const auto in_row = [](const std::string& row) { return message("2 10 5\n4 9:1\n" + row + "\n"); };
  CHECK(in_row("4 9:1") == "accepted");
  CHECK(in_row("5 9:1") == ":3: label '5' is outside 0..4");
  CHECK(in_row("99999999999999999999999 9:1") == ":3: label '99999999999999999999999' is outside 0..4");
  CHECK(in_row("-1 9:1") == ":3: '-1' is not a label id, what is allowed is 0..4");
  CHECK(in_row("x 9:1") == ":3: 'x' is not a label id, what is allowed is 0..4");
  CHECK(in_row("1,,2 9:1") == ":3: '' is not a label id, what is allowed is 0..4");
  CHECK(in_row("1, 9:1") == ":3: '' is not a label id, what is allowed is 0..4");
  CHECK(in_row("1;2 9:1") == ":3: ';2' after label 1, ',' or a blank is needed");
  CHECK(in_row("1:2,3 9:1") == ":3: label 1 has a weight, only ids are expected");
  CHECK(in_row("1 10:1") == ":3: feature '10' is outside 0..9");
  CHECK(in_row("1 9") == ":3: '9' has no value, 'feature:value' is needed");
  CHECK(in_row("1 9:") == ":3: value '' of feature 9 is not a number");
  CHECK(in_row("1 9: 1") == ":3: value '' of feature 9 is not a number");
  CHECK(in_row("1 :1") == ":3: ':1' is not a feature id, what is allowed is 0..9");
  CHECK(in_row("1 ++9:1") == ":3: '++9:1' is not a feature id, what is allowed is 0..9");
  CHECK(in_row("1 9:x") == ":3: value 'x' of feature 9 is not a number");
  CHECK(in_row("1 9:1x") == ":3: value '1x' of feature 9 is not a number");
  CHECK(in_row("1 9:0x1p3") == ":3: value '0x1p3' of feature 9 is not a number");
  CHECK(in_row("1 9:1,5") == ":3: value '1,5' of feature 9 is not a number");
  CHECK(in_row("1 9:nan") == ":3: value 'nan' of feature 9 is not finite");
  CHECK(in_row("1 9:-inf") == ":3: value '-inf' of feature 9 is not finite");
  CHECK(in_row("1 9:1e39") == ":3: value '1e39' of feature 9 is outside -3.4e38..3.4e38");
  CHECK(in_row("1 9:1e999") == ":3: value '1e999' of feature 9 is outside -3.4e38..3.4e38");
  CHECK(in_row("1 9:1e-50") == "accepted");  // 0
  CHECK(in_row("1 9:3e38 9:3e38") == ":3: the sum of a repeated feature is outside -3.4e38..3.4e38");
  CHECK(in_row("1 \x01\xff" + std::string(50, 'x')) ==
        ":3: '\\x01\\xffxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' is not a feature id, what is allowed is 0..9");
}

TEST_CASE("label weights are read on request only") {
  const TextInput how{.dialect = {.label_weights = true}};
  const Whole found = parse("3:0.5,1 7:2\n 3:0.5\n3:0.5\n", how);
  CHECK(found.y.view().nnz() == 3);
  CHECK(found.y.view().row(0).values[1] == 0.5F);
  CHECK(found.x.view().nnz() == 2);
  CHECK(message("3:-1 7:2", how) == ":1: weight -1 of label 3 is negative, 0 or more is allowed");
  CHECK(message("3: 7:2", how) == ":1: value '' of label 3 is not a number");
  CHECK(message("3:1x,4 7:2", how) == ":1: value '1x' of label 3 is not a number");
  const CsrMatrix x(1, {0, 0}, {}, {}), y(4, {0, 2}, {1, 3}, {1.0F, 0.5F});
  CHECK(written(x, y, TextForm::svmlight, how.dialect) == "1,3:0.5 \n");
  CHECK_THROWS_WITH(written(x, y, TextForm::svmlight, {}), "labels: row 0: label 3 has the weight 0.5, 1 is allowed");
}

TEST_CASE("a bad row that is left out leaves nothing behind") {
  // The sum of the second row's repeated feature overflows after its label was accepted.
  const std::string text = "1 2:1\n4 9:3e38 9:3e38\n3 x\n 5:2\n";
  class Listener : public Observer {
   public:
    void warn(std::string_view text) override { warning = text; }
    std::string warning;
  } listener;
  const TemporaryDirectory dir;
  write_file(dir / "t", text);
  Parallel parallel(1, listener);
  const Whole found = whole(read_text_matrices(InputFile(dir / "t"), {.skip_bad_rows = true}, parallel));
  CHECK(listener.warning ==
        fmt::format("2 bad rows left out, the first: {}:2: the sum of a repeated feature is outside -3.4e38..3.4e38",
                    dir / "t"));
  CHECK(equal(found.x, CsrMatrix(6, {0, 1, 2}, {2, 5}, {1, 2})));
  CHECK(equal(found.y, CsrMatrix(2, {0, 1, 1}, {1}, {1})));
}

TEST_CASE("matrices of unequal length are not written as text") {
  CHECK_THROWS_WITH(written(CsrMatrix(1, {0, 0}, {}, {}), CsrMatrix(1), TextForm::xmc, {}),
                    "1 rows of features, but 0 rows of labels");
}

TEST_CASE("a header that lies is refused and nothing is allocated for it") {
  CHECK(message("2 10 5\n1 9:1\n") == ": 1 rows, but the header says 2");
  CHECK(message("1 10 5\n1 9:1\n2 9:1\n") == ":3: row 2, but the header says 1 rows");
  CHECK(message("4611686018427387904 10 5\n1 9:1\n") == ": 1 rows, but the header says 4611686018427387904");
  CHECK(message("4611686018427387905 10 5\n1 9:1\n") ==
        ":1: '4611686018427387905' rows in the header, 0..4611686018427387904 is allowed");
  CHECK(message("1 2147483649 5\n1 9:1\n") == ":1: '2147483649' features in the header, 0..2147483648 is allowed");
  CHECK(message("1 10 99999999999999999999\n1 9:1\n") ==
        ":1: '99999999999999999999' labels in the header, 0..2147483648 is allowed");
  CHECK(message("1 10 0\n1 9:1\n") == ":2: label '1' is outside nothing: there are 0 labels");
}

TEST_CASE("a file without rows is refused") {
  CHECK(message("") == ": is empty, at least one row is needed");
  CHECK(message("\n\n# nothing\n") == ": has no row, at least one is needed");
  CHECK(message("0 10 5\n") == ": has no row, at least one is needed");
}

TEST_CASE("the first error of the input is told, for any number of threads", "[threads]") {
  std::string text;
  for (int row = 0; row < 400000; ++row)
    text += row == 250001 || row == 390000 ? "bad\n" : "1 2:0.125\n";
  const TemporaryDirectory dir;
  write_file(dir / "t", text);
  Parallel parallel(GENERATE(1U, 2U, 5U));
  CHECK_THROWS_WITH(read_text_matrices(InputFile(dir / "t"), {}, parallel), Catch::Matchers::Contains(":250002: "));
  const Whole rest = whole(read_text_matrices(InputFile(dir / "t"), {.skip_bad_rows = true}, parallel));
  CHECK(rest.skipped_rows == 2);
  CHECK(rest.x.rows() == 399998);
}

TEST_CASE("a line of 10 MB is a row like any other") {
  std::string text = "1";
  for (int column = 0; text.size() < 10'000'000; ++column)
    text += fmt::format(" {}:1.5", column);
  const Whole found = parse(text, {}, 2);
  CHECK(found.x.rows() == 1);
  CHECK(found.x.view().nnz() == found.x.cols());
}

TEST_CASE("a pipe is read like a file") {
  const std::string text = random_text(TextForm::svmlight, {}, 20000, 3);
  const TemporaryDirectory dir;
  REQUIRE(::mkfifo((dir / "pipe").c_str(), 0600) == 0);
  const std::jthread writer([&] { write_file(dir / "pipe", text); });
  Parallel parallel(2);
  const Whole found = whole(read_text_matrices(InputFile(dir / "pipe"), {}, parallel));
  CHECK(equal(found.x, parse(text).x));
}

TEST_CASE("text that was cut off or changed gives an error or matrices that keep the rules", "[damage]") {
  const auto read = [](const std::string& text) {
    const Whole found = parse(text, {.dialect = {.label_weights = text.size() % 2 == 0}});
    for (const CsrView m : {found.x.view(), found.y.view()}) {
      REQUIRE(m.indptr.back() == m.nnz());
      for (Row r = 0; r < m.rows; ++r)
        for (std::size_t i = 0; i < m.row(r).size(); ++i) {
          REQUIRE((i == 0 || m.row(r).indices[i - 1] < m.row(r).indices[i]));
          REQUIRE(m.row(r).indices[i] < m.cols);
          REQUIRE((std::isfinite(m.row(r).values[i]) && m.row(r).values[i] != 0));
        }
    }
  };
  const auto [form, text] = GENERATE(
      std::pair<const char*, const char*>("XMC text", "3 10 5\n1,4 0:0.5 9:-1e-3\r\n 3:2\n0 7:1 2:0.25 7:1\n"),
      std::pair<const char*, const char*>("svmlight text", "1,4 1:0.5 9:-1e-3 # note\r\n\n 3:2\n2 7:1 2:0.25 7:1\n"));
  Damage damage(form, text);
  damage.cut(read);
  damage.replace(read);
}
