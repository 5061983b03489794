#include "xmr/io/row_converter.hpp"

#include <random>
#include <vector>

#include "xmr/io/lines.hpp"
#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using Catch::Matchers::Contains;
using xmr::test::TemporaryDirectory;
using xmr::test::write_file;

namespace {

using Rows = std::vector<std::pair<std::uint64_t, std::string>>;

Rows rows_of(const std::string& name, const std::string& content, const char* columns,
             RowFormat format = RowFormat::automatic, std::size_t block_bytes = 1U << 20) {
  const TemporaryDirectory dir;
  write_file(dir / name, content);
  LineBlocks input(InputFile(dir / name), Delivery::full_blocks, block_bytes);
  input.convert_by(make_row_converter(name, CorpusColumns(columns), format, input.peek(4096)));
  Rows rows;
  for (LineBlock block; input.next(block);)
    for (const Line line : block)
      rows.emplace_back(line.number, std::string(line.text));
  return rows;
}

std::string list(std::initializer_list<const char*> items) {
  std::string text;
  for (const char* item : items)
    (text += kListMark) += item;
  return text;
}

}  // namespace

TEST_CASE("CSV is read by the names of its first line") {
  const std::size_t block = GENERATE(1U, 7U, 1U << 20);
  const std::string csv =
      "\xEF\xBB\xBFid,title,tags\r\n1,\"Kettle, \"\"new\"\"\",a;b\r\n2,\"two\r\nlines\",c\r\n\r\n3,\"\",\r\n4,5\" "
      "pipe,d";
  CHECK(rows_of("t.csv", csv, "labels=tags,text=title", RowFormat::automatic, block) ==
        Rows{{2, "a;b\tKettle, \"new\""}, {3, "c\ttwo  lines"}, {6, "\t"}, {7, "d\t5\" pipe"}});
  CHECK(rows_of("t", "x|y\n1|2\n", "text=y") == Rows{{2, "2"}});
}

TEST_CASE("two columns may make one text") {
  CHECK(rows_of("t.csv", "a,b,c\n1,2,3\n", "text=c+a,labels=b") == Rows{{2, "3 1\t2"}});
}

TEST_CASE("CSV and TSV without a first line of names have columns by position") {
  CHECK(rows_of("t", "1,\"a\tb\"\n", "labels,text", RowFormat::csv) == Rows{{1, "1\ta b"}});
}

TEST_CASE("TSV with a first line of names keeps quotes") {
  CHECK(rows_of("t.tsv", "tags\ttitle\n1\t\"a\n2\tb\n", "text=title,labels=tags") == Rows{{2, "\"a\t1"}, {3, "b\t2"}});
}

TEST_CASE("JSON lines are read by their keys") {
  CHECK(
      rows_of("t.jsonl",
              "{\"t\":\"a\\tb\\nc\",\"l\":[\"x,y\",7]}\n\n{\"l\":\"p\",\"t\":[\"d\",\"e\"]}\n{\"t\":1.5,\"l\":null}\n",
              "text=t,labels=l") == Rows{{1, "a b c\t" + list({"x,y", "7"})}, {3, "d e\tp"}, {4, "1.5\t"}});
  CHECK(rows_of("t", "{\"text\":\"a\"}", "text", RowFormat::json_lines) == Rows{{1, "a"}});
}

TEST_CASE("fastText has labels and text") {
  CHECK(rows_of("t", "__label__a __label__b red  bus\nno label\n", "labels,text", RowFormat::fasttext) ==
        Rows{{1, list({"a", "b"}) + "\tred bus"}, {2, "\tno label"}});
  CHECK_THROWS_AS(rows_of("t", "x\n", "labels,title", RowFormat::fasttext), ConfigError);
}

TEST_CASE("records that cannot be read are lines with the fault") {
  const std::string mark(kErrorMark);
  const std::string skip = mark + "--skip-bad-rows leaves such rows out";
  CHECK(rows_of("t.csv", "a,b\n1\n2,3\n", "text=a") ==
        Rows{{2, mark + "1 columns, but line 1 has 2" + skip}, {3, "2"}});
  CHECK(rows_of("t.csv", "a,b\n1,\"2\n3,4\n", "text=a") ==
        Rows{{2, mark + "a quote is opened and not closed" + mark +
                     "a file without quoted fields is read with --format tsv"}});
  CHECK(rows_of("t.jsonl", "{\"a\":1}\n[1]\n{\"a\":{}}\n", "text=a") ==
        Rows{{1, "1"},
             {2, mark + "is not a JSON object" + skip},
             {3, mark + "key 'a': is neither text, number nor a list of them" + mark +
                     "--columns labels=KEY.KEY names a key of the object"}});
  CHECK(rows_of("t.jsonl", "{\"a\":1e999}\n", "text=a") ==
        Rows{{1, mark + "is not a JSON object: a number is out of range" + skip}});
  CHECK_THROWS_WITH(refuse_unread_record({"t", 2}, mark + "fault" + mark + "hint"), "t:2: fault");
  CHECK_NOTHROW(refuse_unread_record({"t", 2}, "fault"));
}

TEST_CASE("names that are not there are refused") {
  CHECK_THROWS_WITH(rows_of("t.csv", "a,b\n1,2\n", "text=c"), "t.csv:1: no column 'c'; the first line has 'a', 'b'");
  CHECK_THROWS_WITH(rows_of("t.jsonl", "{\"a\":1}\n", "text=b"), "t.jsonl: no row has the key 'b'; the first has 'a'");
  CHECK_THROWS_WITH(parse_row_format("xml"), Contains("'xml' is none of auto, tsv, csv"));
  CHECK_THROWS_AS(CorpusColumns("text=a,-"), ConfigError);
  CHECK_THROWS_AS(CorpusColumns("text="), ConfigError);
}

TEST_CASE("CSV as other programs write it") {
  const auto rows = [](const char* content, const char* columns = "text=y,labels=x") {
    return rows_of("t.csv", content, columns);
  };
  CHECK(rows("x, y\na, \"b, c\"\n") == Rows{{2, "b, c\ta"}});
  CHECK(rows("\"x\",\"y\"\n\"a\", \"b, c\"\n") == Rows{{2, "b, c\ta"}});
  CHECK(rows(" x ,y \na,b\n") == Rows{{2, "b\ta"}});
  CHECK(rows("x,y\na,b,,\n") == Rows{{2, "b\ta"}});
  CHECK(rows("x,y\na,\"b \\\"c, d\\\" e\"\nf,\"C:\\\"\n") == Rows{{2, "b \"c, d\" e\ta"}, {3, "C:\\\tf"}});
  CHECK(rows("x,y\n\\N,NaN\nNULL,<NA>\n\"NaN\",nan\n") == Rows{{2, "\t"}, {3, "\t"}, {4, "nan\tNaN"}});
  CHECK(rows("\xEF\xBB\xBFx,y\na,b\n\xEF\xBB\xBFx,y\nc,d\n") == Rows{{2, "b\ta"}, {4, "d\tc"}});
  CHECK(rows("x,y\n\"{a,\"\"b c\"\"}\",\n\"[a, b c]\",\n[x],\n") ==
        Rows{{2, "\t" + list({"a", "b c"})}, {3, "\t" + list({"a", "b c"})}, {4, "\t[x]"}});
  CHECK(rows("x,y,z\na,b,c\n,b,\n", "labels=x+z,text=y") == Rows{{2, list({"a", "c"}) + "\tb"}, {3, "\tb"}});
  CHECK(rows("x,y\n[{'a': 1}],b\n").front().second.starts_with(std::string(kErrorMark) + "labels '[{"));
  CHECK(rows_of("t.tsv", "x\ty\na\t\"b \"\"c\"\"\"\n", "text=y") == Rows{{2, "b \"c\""}});
}

TEST_CASE("JSON as other programs write it") {
  const auto rows = [](const std::string& content, const char* columns) {
    return rows_of("t.jsonl", content, columns);
  };
  CHECK(rows("{\"a\":{\"b\":\"x\",\"c.d\":\"y\"}}\n", "text=a.b+a.c.d") == Rows{{1, "x y"}});
  CHECK(rows("{\"a.b\":\"x\"}\n", "text=a.b") == Rows{{1, "x"}});
  CHECK(rows("{\"a\":[{\"b\":\"x\"},{\"b\":[\"y\",null]},3]}\n", "labels=a.b") == Rows{{1, list({"x", "y"})}});
  CHECK(rows("{\"a\":\"p NaN\",\"b\":NaN,\"c\":-Infinity},\n", "text=a,labels=b") == Rows{{1, "p NaN\t"}});
  CHECK(rows("{\"a\":\"caf\xE9 \xF0\x9F \\ud83d x\ty \\ud83d\\ude00 \\\"\"}\n", "text=a") ==
        Rows{{1, "caf\xE9 \xF0\x9F \xEF\xBF\xBD x y \xF0\x9F\x98\x80 \""}});
  CHECK(rows("{\"a\":NaN", "text=a").front().second.starts_with(kErrorMark));
  CHECK(rows("{\"index\":{\"_id\":1}}\n{\"a\":\"x\"}\n", "text=a") == Rows{{2, "x"}});
  CHECK(rows("{\"index\":{\"_id\":1}}\n", "text=index._id") == Rows{{1, "1"}});
  CHECK(rows("{\n\"a\": \"x}\"\n}\n{\n\"a\": \"y\"\n}\n", "text=a") == Rows{{1, "x}"}, {4, "y"}});
  CHECK(rows("{\"a\":\"p\",\"b\":[\"q\",\"r\"]}\n", "labels=a+b") == Rows{{1, list({"p", "q", "r"})}});
}

TEST_CASE("a file whose name says CSV or JSON needs named columns") {
  CHECK_THROWS_WITH(make_row_converter("t.csv.gz", CorpusColumns("text"), RowFormat::automatic, ""),
                    "t.csv.gz: is CSV by its name, and the columns text have no sources");
  CHECK(make_row_converter("t.csv", CorpusColumns("text"), RowFormat::tsv, "") == nullptr);
  CHECK(make_row_converter("t.txt", CorpusColumns("text"), RowFormat::automatic, "") == nullptr);
}

TEST_CASE("random CSV is read as it was written, in blocks of any size") {
  std::mt19937 random(1);
  const std::string letters = "ab,\"\n \t\r;";
  for (int i = 0; i < 300; ++i) {
    std::string csv = "x,y\n";
    Rows expected;
    std::uint64_t line = 2;
    for (int row = 0; row < 5; ++row) {
      std::string fields[2], plain[2];
      for (int f = 0; f < 2; ++f) {
        for (auto n = 1 + random() % 6; n > 0; --n)
          fields[f] += letters[random() % letters.size()];
        plain[f] = fields[f];
        for (char& c : plain[f])
          if (c == '\n' || c == '\t' || c == '\r') c = ' ';
      }
      expected.emplace_back(line, plain[0] + "\t" + plain[1]);
      for (int f = 0; f < 2; ++f) {
        csv += f == 0 ? "\"" : ",\"";
        for (const char c : fields[f]) {
          csv += c;
          if (c == '"') csv += c;
          line += c == '\n' ? 1 : 0;
        }
        csv += '"';
      }
      csv += random() % 2 == 0 ? "\n" : "\r\n";
      ++line;
    }
    const std::size_t block = 1 + random() % 40;
    REQUIRE(rows_of("t.csv", csv, "x=x,y=y", RowFormat::automatic, block) == expected);
  }
}
