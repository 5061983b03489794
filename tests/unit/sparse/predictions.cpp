#include "xmr/sparse/predictions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "xmr/io/json.hpp"
#include "xmr/sparse/matrix_file.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/plain_zip.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using xmr::test::Damage;
using xmr::test::PlainZip;
using xmr::test::read_file;
using xmr::test::TemporaryDirectory;
using xmr::test::write_file;

namespace {

// Four rows over five labels; the second and the last have no answers.
CsrMatrix sample() {
  CsrMatrix ranked(5);
  ranked.push(4, 0.75F);
  ranked.push(3, 0.1F);  // an order that no sorting by score and label gives
  ranked.push(0, 0.1F);
  ranked.end_row();
  ranked.end_row();
  ranked.push(2, -1e-7F);
  ranked.end_row();
  ranked.end_row();
  return ranked;
}

void write(const std::string& path, PredictionWriter::Options options, CsrView ranked) {
  options.labels = ranked.cols;
  PredictionWriter out(path, std::move(options));
  out.write(ranked);
  out.commit();
}

void check_equal(CsrView a, CsrView b) {
  CHECK(a.rows == b.rows);
  CHECK(a.cols == b.cols);
  CHECK(std::ranges::equal(a.indptr, b.indptr));
  CHECK(std::ranges::equal(a.indices, b.indices));
  CHECK(std::ranges::equal(a.values, b.values));
}

LabelNames names_of(const TemporaryDirectory& dir, std::string_view text) {
  write_file(dir / "labels.txt", text);
  return LabelNames::read(dir / "labels.txt");
}

template <class T>
void add_array(PlainZip& zip, std::string_view name, const std::vector<T>& values) {
  const std::uint64_t length = values.size();
  zip.add(std::string(name) + ".npy",
          npy_header(dtype_of<T>(), {&length, 1}) +
              std::string(reinterpret_cast<const char*>(values.data()), length * sizeof(T)));
}

// The message with which reading `text` as a file named p fails.
std::string failure(const std::string& text, const LabelNames* names = nullptr,
                    std::optional<PredictionShape> expected = std::nullopt) {
  const TemporaryDirectory dir;
  write_file(dir / "p", text);
  try {
    const PredictionFile file(dir / "p", names, expected);
  } catch (const Error& error) {
    const std::string message = error.what();
    return message.substr(message.find("/p:") + 1);
  }
  return "no error";
}

}  // namespace

TEST_CASE("the name of the output decides the form") {
  CHECK(prediction_form_of("a.npz") == PredictionForm::npz);
  CHECK(prediction_form_of("a.jsonl") == PredictionForm::json_lines);
  CHECK(prediction_form_of("a.tsv") == PredictionForm::tsv);
  CHECK(prediction_form_of("-") == PredictionForm::tsv);
}

TEST_CASE("TSV is an answer a line, with the shortest score that reads back equal") {
  const TemporaryDirectory dir;
  write(dir / "p", {.form = PredictionForm::tsv}, sample());
  CHECK(read_file(dir / "p") == "0\t1\t0.75\t4\n0\t2\t0.1\t3\n0\t3\t0.1\t0\n2\t1\t-1e-07\t2\n");
}

TEST_CASE("JSON lines are a row a line, rows without answers included") {
  const TemporaryDirectory dir;
  const std::vector<std::string> keys{"a\"b", "c\\d", "é", "bad \xff byte", "\t"};
  write(dir / "p",
        {.form = PredictionForm::json_lines, .key = [&](LabelId label) { return std::string_view(keys[label]); }},
        sample());
  CHECK(read_file(dir / "p") == R"({"row":0,"labels":[{"key":"\t","score":0.75},{"key":"bad )"
                                "\xEF\xBF\xBD"
                                R"( byte","score":0.1},{"key":"a\"b","score":0.1}]}
{"row":1,"labels":[]}
{"row":2,"labels":[{"key":"é","score":-1e-07}]}
{"row":3,"labels":[]}
)");
}

TEST_CASE("an npz of predictions is SciPy's CSR with the entries of a row in rank order") {
  const TemporaryDirectory dir;
  write(dir / "p.npz", {.form = PredictionForm::npz, .content = Json{{"beam", 10}}}, sample());
  const NpzFile file(dir / "p.npz");
  CHECK(file.meta().kind == "predictions");
  CHECK(file.meta().content.at("beam") == 10);
  CHECK(file.members() ==
        std::vector<std::string>{"format", "shape", "indptr", "indices", "data", "sums", "meta.json"});
  const auto indices = file.array<std::uint32_t>("indices");
  CHECK(std::vector(indices.begin(), indices.end()) == std::vector<std::uint32_t>{4, 3, 0, 2});
}

TEST_CASE("an npz of many rows and of a long row is put together from pieces") {
  const TemporaryDirectory dir;
  constexpr std::uint32_t kLabels = 300'000;  // more than a piece holds
  CsrMatrix ranked(kLabels);
  for (std::uint32_t r = 0; r < 40'000; ++r) {
    const std::uint32_t answers = r == 20'000 ? kLabels : r % 3;
    for (std::uint32_t i = 0; i < answers; ++i)
      ranked.push((r + i) % kLabels, 1 / static_cast<float>(i + 1));
    ranked.end_row();
  }
  write(dir / "p.npz", {.form = PredictionForm::npz}, ranked);
  check_equal(PredictionFile(dir / "p.npz").view(), ranked);
}

TEST_CASE("every form gives back what was written") {
  const auto form = GENERATE(PredictionForm::tsv, PredictionForm::json_lines, PredictionForm::npz);
  const TemporaryDirectory dir;
  const LabelNames names = names_of(dir, "one\ntwo\n3\n\"four\"\tsome text\nfünf und mehr\n");
  Random random(7);
  CsrMatrix ranked(5);
  for (int r = 0; r < 200; ++r) {
    std::vector<std::uint32_t> labels{0, 1, 2, 3, 4};
    random.shuffle(std::span(labels));
    labels.resize(random.below(6));
    for (const std::uint32_t label : labels)
      ranked.push(label,
                  static_cast<float>(std::ldexp(random.uniform() - 0.5, static_cast<int>(random.below(60)) - 30)));
    ranked.end_row();
  }
  const auto key = [&](LabelId label) { return names.key(label); };
  SECTION("with names") {
    write(dir / "p", {.form = form, .key = key}, ranked);
    check_equal(PredictionFile(dir / "p", &names, PredictionShape{200, 5}).view(), ranked);
  }
  SECTION("with ids") {
    write(dir / "p", {.form = form}, ranked);
    check_equal(PredictionFile(dir / "p", nullptr, PredictionShape{200, 5}).view(), ranked);
  }
}

TEST_CASE("an npz of more labels than there are names is refused") {
  const TemporaryDirectory dir;
  write(dir / "p", {.form = PredictionForm::npz}, sample());
  const LabelNames four = names_of(dir, "one\ntwo\nthree\nfour\n");
  CHECK_THROWS_WITH(PredictionFile(dir / "p", &four), dir / "p" + ": 5 labels, but there are names of 4 only");
  const LabelNames six = names_of(dir, "one\ntwo\nthree\nfour\nfive\nsix\n");
  check_equal(PredictionFile(dir / "p", &six).view(), sample());
}

TEST_CASE("the last rows of a TSV may be without answers") {
  const TemporaryDirectory dir;
  write(dir / "p", {.form = PredictionForm::tsv}, sample());
  check_equal(PredictionFile(dir / "p", nullptr, PredictionShape{4, 5}).view(), sample());
  CHECK(PredictionFile(dir / "p").view().rows == 3);
}

TEST_CASE("other forms must have all rows") {
  const TemporaryDirectory dir;
  const auto form = GENERATE(PredictionForm::json_lines, PredictionForm::npz);
  write(dir / "p", {.form = form}, sample());
  CHECK_THROWS_WITH(PredictionFile(dir / "p", nullptr, PredictionShape{5, 5}),
                    EndsWith("p: holds 4 rows x 5 labels, 5 x 5 are expected"));
}

TEST_CASE("an npz of another program is ranked by score, then by label") {
  const TemporaryDirectory dir;
  const bool by_column = GENERATE(false, true);
  // Row 0: labels 0 to 3 with scores 0.5, 1, 0, 1; row 1: label 2 with 0.25.
  PlainZip zip;
  add_array(zip, "shape", std::vector<std::int64_t>{2, 4});
  if (by_column) {
    add_array(zip, "indptr", std::vector<std::int32_t>{0, 1, 2, 4, 5});
    add_array(zip, "indices", std::vector<std::int32_t>{0, 0, 1, 0, 0});
    add_array(zip, "data", std::vector<double>{0.5, 1, 0.25, 0, 1});
  } else {
    add_array(zip, "indptr", std::vector<std::int32_t>{0, 4, 5});
    add_array(zip, "indices", std::vector<std::int32_t>{3, 2, 1, 0, 2});
    add_array(zip, "data", std::vector<double>{1, 0, 1, 0.5, 0.25});
  }
  zip.add("format.npy", npy_header(DType::bytes, {}, 3) + (by_column ? "csc" : "csr"));
  CsrMatrix expected(4);
  expected.append_row({std::vector<std::uint32_t>{1, 3, 0, 2}, std::vector<float>{1, 1, 0.5F, 0}});
  expected.append_row({std::vector<std::uint32_t>{2}, std::vector<float>{0.25F}});
  write_file(dir / "p.npz", zip.bytes());
  check_equal(PredictionFile(dir / "p.npz").view(), expected);

  write_file(dir / "p.npz", zip.add("leta.json", "{}").bytes());
  CHECK_THROWS_WITH(PredictionFile(dir / "p.npz"), Contains("leta.json"));
}

TEST_CASE("the writer refuses scores that are not finite") {
  const TemporaryDirectory dir;
  const float score = GENERATE(std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity());
  PredictionWriter out(dir / "p", {});
  out.write(SparseRow{});
  CHECK_THROWS_WITH(out.write({std::vector<std::uint32_t>{0}, std::vector<float>{score}}),
                    Contains("row 1") && Contains("finite"));
}

TEST_CASE("what is wrong in a TSV is told with its line") {
  CHECK(failure("0\t1\t0.5\t1\n0 2 0.4 2\n") == "p:2: expected row<TAB>rank<TAB>score<TAB>key");
  CHECK(failure("0\t1\t0.5\t1\n\n") == "p:2: expected row<TAB>rank<TAB>score<TAB>key");
  CHECK(failure("-1\t1\t0.5\t1\n") == "p:1: '-1' is not a row number");
  CHECK(failure("0\tx\t0.5\t1\n") == "p:1: 'x' is not a rank");
  CHECK(failure("0\t1\t0,5\t1\n") == "p:1: '0,5' is not a score");
  CHECK(failure("0\t1\tnan\t1\n") == "p:1: the score is not a finite number");
  CHECK(failure("0\t1\t1e99\t1\n") == "p:1: the score is not a finite number");
  CHECK(failure("0\t1\t0.5\techo\n") == "p:1: 'echo' is not a label id");
  CHECK(failure("0\t1\t0.5\t\n") == "p:1: '' is not a label id");
  CHECK(failure("0\t2\t0.5\t1\n") == "p:1: rank 2 where 1 comes next in row 0");
  CHECK(failure("0\t1\t0.5\t1\n0\t3\t0.4\t2\n") == "p:2: rank 3 where 2 comes next in row 0");
  CHECK(failure("1\t1\t0.5\t1\n0\t1\t0.4\t2\n") == "p:2: row 0 after row 1");
  CHECK(failure("0\t1\t0.5\t1\n0\t2\t0.4\t2\n0\t3\t0.3\t1\n1\t1\t1\t1\n") == "p:3: a label that row 0 has already");
  CHECK(failure("0\t1\t0.5\t7\n", nullptr, PredictionShape{1, 5}) == "p:1: label 7 is outside 0..4");
  CHECK(failure("5\t1\t0.5\t1\n", nullptr, PredictionShape{5, 5}) == "p:1: row 5 is outside 0..4");
  CHECK(failure("18446744073709551615\t1\t0.5\t1\n") == "p:1: row 18446744073709551615 is outside 0..268435455");
  CHECK(failure("") == "p: holds no predictions");
}

TEST_CASE("what is wrong in JSON lines is told with its line") {
  const std::string first = "{\"row\":0,\"labels\":[]}\n";
  const std::string row = R"(p:2: expected {"row":0,"labels":[...]})";
  const std::string label = R"(p:2: expected {"key":"...","score":0.5} for each label)";
  CHECK(failure(first + "\n") == row);
  CHECK(failure(first + "{") == row);
  CHECK(failure(first + R"({"row":-1,"labels":[]})") == row);
  CHECK(failure(first + R"({"row":1})") == row);
  CHECK(failure(first + R"({"row":1,"labels":[3]})") == label);
  CHECK(failure(first + R"({"row":1,"labels":[{"key":3,"score":1}]})") == label);
  CHECK(failure(first + R"({"row":1,"labels":[{"key":"3","score":null}]})") == label);
  CHECK(failure(first + first) == "p:2: row 0 after row 0");
  CHECK(failure(first + R"({"row":1,"labels":[{"key":"1","score":2},{"key":"1","score":1}]})") ==
        "p:2: a label that row 1 has already");
  CHECK(failure(first + "{\"row\":1,\"labels\":[{\"key\":\"\xff\",\"score\":2}]}") == row);
}

TEST_CASE("a key that no label has is refused") {
  const TemporaryDirectory dir;
  const LabelNames names = names_of(dir, "one\ntwo\n");
  CHECK(failure("0\t1\t0.5\tthree\n", &names) == "p:1: 'three' is not the key of a label");
}

TEST_CASE("fields of JSON lines that nobody asked for are passed over") {
  const TemporaryDirectory dir;
  write_file(dir / "p", R"({"query":"x","row":1,"labels":[{"text":"t","score":1,"key":"0"}],"ms":3})");
  const PredictionFile file(dir / "p");
  CHECK(file.view().rows == 2);
  CHECK(file.view().row(1).size() == 1);
}

TEST_CASE("an npz that is no list of predictions is refused") {
  const TemporaryDirectory dir;
  SECTION("a matrix") {
    write_matrix(dir / "p.npz", sample(), {});
    CHECK_THROWS_AS(PredictionFile(dir / "p.npz"), FormatError);
  }
  SECTION("a label twice in a row") {
    CsrMatrix ranked(3);
    ranked.push(1, 2);
    ranked.push(1, 1);
    ranked.end_row();
    write(dir / "p.npz", {.form = PredictionForm::npz}, ranked);
    CHECK_THROWS_WITH(PredictionFile(dir / "p.npz"), EndsWith("p.npz: row 0: label 1 appears twice"));
  }
  SECTION("a label outside the shape") {
    CsrMatrix ranked(3);
    ranked.push(3, 2);
    ranked.end_row();
    write(dir / "p.npz", {.form = PredictionForm::npz}, ranked);
    CHECK_THROWS_WITH(PredictionFile(dir / "p.npz"), EndsWith("member indices: item 0: 3 is outside 0..2"));
  }
}

TEST_CASE("no truncation and no changed byte of an npz of predictions gives other content", "[damage]") {
  const TemporaryDirectory dir;
  write(dir / "p.npz", {.form = PredictionForm::npz}, sample());
  const std::string bytes = read_file(dir / "p.npz");
  const auto read = [&](const std::string& damaged) {
    write_file(dir / "damaged.npz", damaged);
    check_equal(PredictionFile(dir / "damaged.npz").view(), sample());
  };
  Damage damage("predictions", bytes);
  CHECK(damage.cut(read) == bytes.size());
  damage.change({0x01, 0x80, 0xff}, read);
}

TEST_CASE("no truncation and no changed byte of a text of predictions crashes the reader", "[damage]") {
  // Text has no checksums: a changed digit is another digit. The rows read must still be well-formed.
  const auto form = GENERATE(PredictionForm::tsv, PredictionForm::json_lines);
  const TemporaryDirectory dir;
  write(dir / "p", {.form = form}, sample());
  const auto read = [&](const std::string& damaged) {
    write_file(dir / "damaged", damaged);
    const PredictionFile file(dir / "damaged", nullptr, PredictionShape{4, 5});
    REQUIRE(file.view().rows == 4);
    REQUIRE(std::ranges::all_of(file.view().indices, [](std::uint32_t label) { return label < 5; }));
    REQUIRE(std::ranges::all_of(file.view().values, [](float score) { return std::isfinite(score); }));
  };
  Damage damage("predictions", read_file(dir / "p"));
  damage.cut(read);
  damage.replace(read);
}
