#include "xmr/sparse/trec.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "xmr/io/row_ids.hpp"
#include "xmr/sparse/predictions.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;

namespace {

// Queries q0, q1, ... and documents d0, d1, ...; other queries have no row.
std::optional<std::uint32_t> trec_number(std::uint64_t, std::string_view name) {
  if (name.size() < 2 || name[0] == 'x') return std::nullopt;
  return static_cast<std::uint32_t>(std::stoul(std::string(name.substr(1))));
}

std::string trec_failure(const std::string& text, TrecRows (*parse)(const TrecText&)) {
  try {
    parse({"f", text, trec_number, trec_number});
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("a run is ranked by score, then by document in reverse order") {
  const std::string text =
      "q1 Q0 d3 9 1.5 tag\n"
      "\n"
      "q0\tQ0\td10\t1\t2\ttag\r\n"
      "q0 Q0 d9 1 2 tag\n"
      "  q0 Q0   d2 7 -1e3 tag  \n"
      "x7 Q0 d2 7 1 tag\n"
      "q3 Q0 d0 1 +0.5 tag";
  const TrecRows run = parse_trec_run({"f", text, trec_number, trec_number});
  CHECK(run.left_out == 1);
  CHECK(run.first_left_out == "x7");
  const CsrView rows = run.rows;
  CHECK(rows.rows == 4);
  CHECK(rows.cols == 11);
  CHECK(std::ranges::equal(rows.row(0).indices, std::vector<std::uint32_t>{9, 10, 2}));
  CHECK(std::ranges::equal(rows.row(0).values, std::vector<float>{2, 2, -1000}));
  CHECK(std::ranges::equal(rows.row(1).indices, std::vector<std::uint32_t>{3}));
  CHECK(rows.row(2).size() == 0);
  CHECK(std::ranges::equal(rows.row(3).indices, std::vector<std::uint32_t>{0}));
}

TEST_CASE("random runs are ranked as trec_eval ranks them") {
  Random random(5);
  struct Answer {
    double score;
    std::string document;
  };
  std::map<std::uint32_t, std::vector<Answer>> plain;
  std::vector<std::string> lines;
  for (std::uint32_t query = 0; query < 30; ++query) {
    std::set<std::uint64_t> documents;
    for (std::uint64_t i = random.below(20); i > 0; --i)
      documents.insert(random.below(40));
    for (const std::uint64_t document : documents) {
      const double score = static_cast<double>(random.below(4));
      plain[query].push_back({score, fmt::format("d{}", document)});
      lines.push_back(fmt::format("q{} 0 d{} {} {} t\n", query, document, random.below(100), score));
    }
  }
  random.shuffle(std::span(lines));
  std::string text;
  for (const std::string& line : lines)
    text += line;
  const CsrMatrix rows = parse_trec_run({"f", text, trec_number, trec_number}).rows;
  for (auto& [query, answers] : plain) {
    std::ranges::sort(answers, [](const Answer& a, const Answer& b) {
      return a.score != b.score ? a.score > b.score : a.document > b.document;
    });
    const SparseRow row = rows.view().row(query);
    REQUIRE(row.size() == answers.size());
    for (std::size_t i = 0; i < answers.size(); ++i)
      CHECK(fmt::format("d{}", row.indices[i]) == answers[i].document);
  }
}

TEST_CASE("qrels are weights by label, also those of BEIR, and a negative relevance is no judgement") {
  const auto text = GENERATE(std::string("q1 0 d3 2\nq0 0 d1 0\nq1 0 d0 1\nq1 0 d2 -1\n"),
                             std::string("query-id\tcorpus-id\tscore\nq1\td3\t2\nq0\td1\t0\nq1\td0\t1\nq1\td2\t-1\n"));
  const CsrMatrix rows = parse_trec_qrels({"f", text, trec_number, trec_number}).rows;
  CHECK(rows.rows() == 2);
  CHECK(std::ranges::equal(rows.view().row(0).values, std::vector<float>{0}));
  CHECK(std::ranges::equal(rows.view().row(1).indices, std::vector<std::uint32_t>{0, 3}));
  CHECK(std::ranges::equal(rows.view().row(1).values, std::vector<float>{1, 2}));
  const CsrMatrix y = relevant_labels(rows, 3);
  CHECK(y.rows() == 3);
  CHECK(y.view().row(0).size() == 0);
  CHECK(y.view().nnz() == 2);
}

TEST_CASE("damaged files of TREC are refused with the line") {
  CHECK(trec_failure("q0 Q0 d1 1 2 t\nq0 Q0 d1 1\n", parse_trec_run) ==
        "f:2: 4 fields, 6 are needed: query Q0 document rank score tag");
  CHECK(trec_failure("q0 Q0 d1 1 nan t\n", parse_trec_run) == "f:1: 'nan' is not a score, a finite number is needed");
  CHECK(trec_failure("q0 Q0 d1 1 1e300 t\n", parse_trec_run) ==
        "f:1: '1e300' is not a score, a finite number is needed");
  CHECK(trec_failure("q0 Q0 d1 1 2 t\nq1 Q0 d1 1 2 t\nq0 Q0 d1 2 1 t\n", parse_trec_run) ==
        "f:3: 'd1' is repeated; line 1 has it for the same query");
  CHECK(trec_failure("q0 0 d1 1\nq0 0 d1\n", parse_trec_qrels) ==
        "f:2: 3 fields, 4 are needed: query 0 document relevance");
  CHECK(trec_failure("q0 0 d1 x\n", parse_trec_qrels) == "f:1: 'x' is not a relevance, a finite number is needed");
  CHECK(trec_failure("q0 0 d1 1\nq0 0 d1 2\n", parse_trec_qrels) ==
        "f:2: 'd1' is repeated; line 1 has it for the same query");
  CHECK(trec_failure("", parse_trec_run) == "no error");
}

TEST_CASE("a run is told from predictions as TSV") {
  CHECK(is_trec_run("q0 Q0 d1 1 2 t"));
  CHECK(is_trec_run("q0\tQ0\td1\t1\t2\tt\n0\t1\t2\tkey"));
  CHECK_FALSE(is_trec_run("0\t1\t0.5\tkey"));
  CHECK_FALSE(is_trec_run("0\t1\t0.5\ta key"));
  CHECK_FALSE(is_trec_run("0\t1\t0.5\tthree more words here"));
  CHECK_FALSE(is_trec_run(""));
}

TEST_CASE("a run reads back in the same order, with equal scores lowered") {
  const test::TemporaryDirectory dir;
  CsrMatrix ranked(5);
  ranked.push(4, 0.5F);
  ranked.push(0, 0.5F);
  ranked.push(3, 0.5F);
  ranked.push(1, -0.0F);
  ranked.end_row();
  ranked.end_row();
  ranked.push(2, 1e-30F);
  ranked.end_row();
  RowIds ids;
  for (const char* id : {"a", "b", "c"})
    ids.add(id, "ids", 0);
  PredictionWriter out(dir / "p.trec", {.form = prediction_form_of("p.trec"), .labels = 5, .tag = "mine"});
  for (Row row = 0; row < 3; ++row)
    out.write(ranked.view().row(row), {}, ids[row]);
  out.commit();
  CHECK(
      test::read_file(dir / "p.trec") ==
      "a Q0 4 1 0.5 mine\na Q0 0 2 0.49999997 mine\na Q0 3 3 0.49999994 mine\na Q0 1 4 -0 mine\nc Q0 2 1 1e-30 mine\n");
  const PredictionFile file(dir / "p.trec", nullptr, PredictionShape{3, 5}, &ids);
  CHECK(std::ranges::equal(file.view().indices, ranked.view().indices));
  CHECK(std::ranges::equal(file.view().indptr, ranked.view().indptr));
  CHECK_THROWS_WITH(PredictionFile(dir / "p.trec"), Catch::Matchers::EndsWith("p.trec:1: 'a' is not a row number"));
}

TEST_CASE("fields with blanks have no place in files of TREC") {
  std::string out;
  CHECK_THROWS_WITH(
      append_trec_run(out, "q", "two words", 1, 1, "t"),
      "the key of a label, 'two words' cannot stand in a file of TREC, whose fields are separated by blanks");
  CHECK_THROWS_AS(append_trec_qrel(out, "", "d", 1), DataError);
  CHECK(out.empty());
}

TEST_CASE("ids of rows are unique and not empty") {
  const test::TemporaryDirectory dir;
  test::write_file(dir / "ids", "a\nb\r\nc d\n");
  const RowIds ids = RowIds::read(dir / "ids");
  CHECK(ids.size() == 3);
  CHECK(ids[1] == "b");
  CHECK(ids.find("c d") == std::optional<Row>(2));
  CHECK_FALSE(ids.find("z"));
  test::write_file(dir / "twice", "a\nb\na\n");
  CHECK_THROWS_WITH(RowIds::read(dir / "twice"),
                    Catch::Matchers::EndsWith("twice:3: id 'a' is repeated; row 0 has it"));
  test::write_file(dir / "gap", "a\n\nb\n");
  CHECK_THROWS_WITH(RowIds::read(dir / "gap"), Catch::Matchers::EndsWith("gap:2: the id of the row is empty"));
  CHECK_THROWS_WITH(RowIds::read(dir / "ids", 4, "Y.npz"), Catch::Matchers::EndsWith("3 ids, but Y.npz has 4 rows"));
}
