#include "xmr/evaluate/report.hpp"

#include <sstream>

#include <fmt/format.h>

#include "xmr/io/json.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

Report report_of(const std::string& name, double p, std::optional<Interval> interval = std::nullopt) {
  return {name, 10, {{parse_metric("p@1"), p, interval}, {parse_metric("coverage@100"), 0.125, std::nullopt}}};
}

}  // namespace

TEST_CASE("a table has a line a file, in percent") {
  CHECK(format_table(std::vector{report_of("a.npz", 0.5), report_of("longer.tsv", 1)}) ==
        "               p@1  coverage@100\n"
        "a.npz        50.00         12.50\n"
        "longer.tsv  100.00         12.50\n");
}

TEST_CASE("a table leaves out the folders that all files share") {
  const auto names_in = [](const std::vector<std::string>& files) {
    std::vector<Report> reports(files.size(), report_of("", 0.5));
    for (std::size_t i = 0; i < files.size(); ++i)
      reports[i].predictions = files[i];
    std::istringstream text(format_table(reports));
    std::vector<std::string> names;
    std::string line;
    std::getline(text, line);
    while (std::getline(text, line))
      names.push_back(line.substr(0, line.find(' ')));
    return names;
  };
  using Names = std::vector<std::string>;
  CHECK(names_in({"a/b/c"}) == Names{"c"});
  CHECK(names_in({"/a/b/c", "/a/b/d"}) == Names{"c", "d"});
  CHECK(names_in({"/a/b/c", "/a/bc/d"}) == Names{"b/c", "bc/d"});
  CHECK(names_in({"/a", "b"}) == Names{"/a", "b"});
  CHECK(names_in({"a/b", "<stdin>"}) == Names{"a/b", "<stdin>"});
}

TEST_CASE("a table shows intervals below the values") {
  CHECK(format_table(std::vector{report_of("a.npz", 0.5, Interval{0.25, 0.755})}) ==
        "               p@1  coverage@100\n"
        "a.npz        50.00         12.50\n"
        "       25.00-75.50\n");
}

TEST_CASE("differences stand below the values of a table, behind those of TSV, and in JSON") {
  std::vector<Report> reports{report_of("a.npz", 0.5), report_of("b.npz", 0.625)};
  reports[1].values[0].difference = Difference{0.125, {-0.0625, 0.25}, 0.0198};
  CHECK(format_table(reports) ==
        "                        p@1  coverage@100\n"
        "a.npz                 50.00         12.50\n"
        "b.npz                 62.50         12.50\n"
        "  difference         +12.50\n"
        "  95 %        -6.25..+25.00\n"
        "  p                   0.020\n");
  CHECK(format_tsv(reports) ==
        "predictions\tp@1\tp@1.difference\tp@1.difference.low\tp@1.difference.high\tp@1.difference.p"
        "\tcoverage@100\tcoverage@100.difference\tcoverage@100.difference.low\tcoverage@100.difference.high"
        "\tcoverage@100.difference.p\n"
        "a.npz\t0.5\t\t\t\t\t0.125\t\t\t\t\n"
        "b.npz\t0.625\t0.125\t-0.0625\t0.25\t0.0198\t0.125\t\t\t\t\n");
  CHECK(format_json(std::span(reports).subspan(1)) ==
        "{\"predictions\":\"b.npz\",\"rows\":10,\"p@1\":0.625,\"coverage@100\":0.125,"
        "\"differences\":{\"p@1\":{\"value\":0.125,\"interval\":[-0.0625,0.25],\"p\":0.0198}}}\n");
}

TEST_CASE("a table that is too wide is broken into blocks of at most 80 columns") {
  Report report{"predictions.npz", 1, {}};
  for (std::uint32_t k = 1; k <= 20; ++k)
    report.values.push_back({parse_metric(fmt::format("ndcg@{}", k)), 0.5, std::nullopt});
  std::istringstream text(format_table(std::vector{report}));
  std::size_t blocks = 1;
  for (std::string line; std::getline(text, line);) {
    CHECK(line.size() <= 80);
    if (line.empty()) ++blocks;
  }
  CHECK(blocks == 3);
}

TEST_CASE("TSV holds fractions that read back equal") {
  CHECK(format_tsv(std::vector{report_of("a.npz", 1.0 / 3), report_of("b", 0)}) ==
        "predictions\tp@1\tcoverage@100\na.npz\t0.3333333333333333\t0.125\nb\t0\t0.125\n");
  CHECK(format_tsv(std::vector{report_of("a.npz", 0.5, Interval{0.25, 0.75})}) ==
        "predictions\tp@1\tp@1.low\tp@1.high\tcoverage@100\tcoverage@100.low\tcoverage@100.high\n"
        "a.npz\t0.5\t0.25\t0.75\t0.125\t\t\n");
}

TEST_CASE("JSON is an object a line and file") {
  std::istringstream text(
      format_json(std::vector{report_of("a \"b\"\xff.npz", 0.5, Interval{0.25, 0.75}), report_of("c", 1)}));
  std::string line;
  std::getline(text, line);
  CHECK(Json::parse(line) == Json::parse(R"({"predictions":"a \"b\"�.npz","rows":10,"p@1":0.5,
    "coverage@100":0.125,"intervals":{"p@1":[0.25,0.75]}})"));
  std::getline(text, line);
  CHECK(line == R"({"predictions":"c","rows":10,"p@1":1.0,"coverage@100":0.125})");
}

TEST_CASE("groups of rows have a table each, columns in TSV, a member in JSON") {
  Report all = report_of("a.npz", 0.5), some = report_of("a.npz", 1);
  some.rows = 4;
  some.group = "prefix 1";
  const std::vector reports{all, some};
  CHECK(format_table(reports) ==
        "         p@1  coverage@100\n"
        "a.npz  50.00         12.50\n"
        "\n"
        "prefix 1: 4 rows\n"
        "          p@1  coverage@100\n"
        "a.npz  100.00         12.50\n");
  CHECK(format_tsv(reports) ==
        "predictions\tgroup\trows\tp@1\tcoverage@100\n"
        "a.npz\tall\t10\t0.5\t0.125\n"
        "a.npz\tprefix 1\t4\t1\t0.125\n");
  CHECK(format_json(reports) ==
        "{\"predictions\":\"a.npz\",\"rows\":10,\"p@1\":0.5,\"coverage@100\":0.125}\n"
        "{\"predictions\":\"a.npz\",\"group\":\"prefix 1\",\"rows\":4,\"p@1\":1.0,\"coverage@100\":0.125}\n");
}
