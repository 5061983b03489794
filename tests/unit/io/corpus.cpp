#include "xmr/io/corpus.hpp"

#include <fstream>
#include <string>
#include <utility>

#include "xmr/util/error.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

constexpr LinePlace kPlace{"train.tsv", 41};

std::string labels_as_text(const LabelColumn& column, std::string_view field) {
  std::vector<WeightedLabel> labels{{99, 1}};  // must be removed
  column.parse(kPlace, field, labels);
  std::string text;
  for (const WeightedLabel& label : labels)
    text += std::to_string(label.label) + "=" + std::to_string(label.weight) + " ";
  return text;
}

LabelNames names(std::initializer_list<std::string_view> keys) {
  LabelNames names;
  for (const std::string_view key : keys)
    names.add(key, {}, 0);
  return names;
}

std::string failure(const LabelColumn& column, std::string_view field) {
  std::vector<WeightedLabel> labels;
  try {
    column.parse(kPlace, field, labels);
  } catch (const DataError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("a line is cut into exactly the named columns") {
  const CorpusColumns columns("labels,-,text,-");
  CHECK(columns.find("text") == 2);
  CHECK(columns.has("labels"));
  CHECK_FALSE(columns.has("title"));
  std::vector<std::string_view> fields(columns.size());
  columns.split(kPlace, "1,2\tx\tsome text\t", fields);
  CHECK(fields == std::vector<std::string_view>{"1,2", "x", "some text", ""});
  CHECK_THROWS_WITH(columns.split(kPlace, "1,2", fields),
                    "train.tsv:41: no tab in a line of 4 columns (labels,-,text,-)");
  CHECK_THROWS_WITH(columns.split(kPlace, "1\t2\t3", fields),
                    "train.tsv:41: 3 columns in a line of 4 columns (labels,-,text,-)");
  CHECK_THROWS_WITH(columns.split(kPlace, "1\t2\t3\t4\t5", fields),
                    "train.tsv:41: 5 columns in a line of 4 columns (labels,-,text,-)");
}

TEST_CASE("a single column is the whole line with its tabs") {
  const CorpusColumns columns("text");
  std::vector<std::string_view> fields(1);
  columns.split(kPlace, "some\ttext", fields);
  CHECK(fields[0] == "some\ttext");
  columns.split(kPlace, "", fields);
  CHECK(fields[0].empty());
}

TEST_CASE("column names must be there, and once") {
  CHECK_THROWS_WITH(CorpusColumns(""), "columns '': a name is empty");
  CHECK_THROWS_WITH(CorpusColumns("labels,"), "columns 'labels,': a name is empty");
  CHECK_THROWS_WITH(CorpusColumns("text,text"), "columns 'text,text': 'text' stands twice");
  CHECK_THROWS_WITH(CorpusColumns("labels,text").find("title"), "no column 'title' among labels,text");
}

TEST_CASE("label ids come sorted, with their weights, repeated ones added up") {
  const LabelColumn column(10);
  CHECK(labels_as_text(column, "") == "");
  CHECK(labels_as_text(column, "7") == "7=1.000000 ");
  CHECK(labels_as_text(column, "7,3:0.5,9:2e1") == "3=0.500000 7=1.000000 9=20.000000 ");
  CHECK(labels_as_text(column, "4:0.5,1,4,4:2") == "1=1.000000 4=3.500000 ");
  CHECK(labels_as_text(column, "4:0,5") == "5=1.000000 ");
  CHECK(labels_as_text(column, "1, 2 ,4.0,5.00:2") == "1=1.000000 2=1.000000 4=1.000000 5=2.000000 ");
}

TEST_CASE("bad label ids and weights are refused with their place") {
  const LabelColumn column(5000);
  CHECK(failure(column, "1,5000") == "train.tsv:41: label 5000 is outside 0..4999");
  CHECK(failure(column, "99999999999999999999999") == "train.tsv:41: label 99999999999999999999999 is outside 0..4999");
  CHECK(failure(column, "x1") == "train.tsv:41: label 'x1' is not an id from 0 on");
  CHECK(failure(column, "-1") == "train.tsv:41: label '-1' is not an id from 0 on");
  CHECK(failure(column, "1 2") == "train.tsv:41: label '1 2' is not an id from 0 on");
  CHECK(failure(column, "1.5") == "train.tsv:41: label '1.5' is not an id from 0 on");
  CHECK(failure(column, "1.") == "train.tsv:41: label '1.' is not an id from 0 on");
  CHECK(failure(column, "1,,2") == "train.tsv:41: a label is empty between commas");
  CHECK(failure(column, "1,") == "train.tsv:41: a label is empty between commas");
  CHECK(failure(column, ",") == "train.tsv:41: a label is empty between commas");
  CHECK(failure(column, "1:") == "train.tsv:41: label '1:' has no number as its weight");
  CHECK(failure(column, "1:2:3") == "train.tsv:41: label '1:2:3' has no number as its weight");
  for (const std::string weight : {"-1", "nan", "inf", "1e39", "1e999"})
    CHECK(failure(column, "1:" + weight) == "train.tsv:41: weight of label '1:" + weight + "' is outside 0..3.4e38");
  CHECK(failure(column, "1:3e38,1:3e38") == "train.tsv:41: weight of label '1' is outside 0..3.4e38");
  CHECK(failure(LabelColumn(0), "0") == "train.tsv:41: label '0': there are no labels");
  CHECK(failure(LabelColumn(), "2147483648") == "train.tsv:41: label 2147483648 is outside 0..2147483647");
}

TEST_CASE("labels by key: a weight stands after the last =, a comma in a key behind a backslash") {
  const LabelNames table = names({"17", "a,b", "x=1", "c++", "p=q", "\\", "17:2"});
  const LabelColumn column(table);
  CHECK(labels_as_text(column, "17") == "0=1.000000 ");
  CHECK(labels_as_text(column, "a\\,b,c++=2.5") == "1=1.000000 3=2.500000 ");
  CHECK(labels_as_text(column, "x=1=1") == "2=1.000000 ");
  CHECK(labels_as_text(column, "p=q") == "4=1.000000 ");
  CHECK(labels_as_text(column, "17:2") == "6=1.000000 ");
  CHECK(labels_as_text(column, "\\") == "5=1.000000 ");
  CHECK(labels_as_text(column, "x=1") == "2=1.000000 ");  // "x" is no key
  CHECK(failure(column, "y=1") == "train.tsv:41: label 'y' is not among the 7 keys");
  CHECK(failure(column, "17=-1") == "train.tsv:41: weight of label '17=-1' is outside 0..3.4e38");
  CHECK(failure(column, "17=nan") == "train.tsv:41: weight of label '17=nan' is outside 0..3.4e38");
  CHECK(failure(column, "17,,c++") == "train.tsv:41: a label is empty between commas");
}

TEST_CASE("keys that end like a weight, or with a backslash, are found") {
  LabelNames names;
  for (const char* key :
       {"lang=nan", "lang", "x=inf", "C:\\", "other", "a,b", "\\\\server", "v=1", "7", "+5", "v=2", "v"})
    names.add(key, "", 0);
  const LabelColumn column(names);
  const auto labels = [&](std::string_view field) {
    std::vector<WeightedLabel> found;
    column.parse(kPlace, field, found);
    std::string text;
    for (const WeightedLabel& label : found)
      text += std::string(names.key(label.label)) + ":" + std::to_string(static_cast<int>(label.weight)) + " ";
    return text;
  };
  CHECK(labels("lang=nan") == "lang=nan:1 ");
  CHECK(labels("lang=nan=2,x=inf") == "lang=nan:2 x=inf:1 ");
  CHECK(labels("C:\\\\,other") == "C:\\:1 other:1 ");  // C:\\,other
  CHECK(labels("C:\\,other") == "C:\\:1 other:1 ");    // no key is "C:,other"
  CHECK(labels("C:\\") == "C:\\:1 ");
  CHECK(labels("a\\,b,other") == "other:1 a,b:1 ");
  CHECK(labels("\\\\server,other=3") == "other:3 \\\\server:1 ");
  CHECK(labels("v=3") == "v:3 ");
  CHECK(labels("v=1") == "v:1 ");  // a weight where both are keys
  CHECK(labels("v=2=2") == "v=2:2 ");
  CHECK(labels("7,+5=+2") == "7:1 +5:2 ");
  CHECK(failure(column, "C:\\,none") == "train.tsv:41: label 'none' is not among the 12 keys");
}

TEST_CASE("ids and weights may have a plus sign") {
  std::vector<WeightedLabel> labels;
  LabelColumn().parse(kPlace, "+3:+0.5,4", labels);
  REQUIRE(labels.size() == 2);
  CHECK(labels[0].label == 3);
  CHECK(labels[0].weight == 0.5F);
  CHECK(failure(LabelColumn(), "++3") != "");
  CHECK(failure(LabelColumn(), "+-3") != "");
}

TEST_CASE("a single label is an id or a key as it stands, without a weight") {
  const LabelNames table = names({"a,b", "x=1", "1:0"});
  std::vector<WeightedLabel> labels;
  for (const auto& [field, label] : {std::pair("a,b", 0U), {"x=1", 1U}, {"1:0", 2U}}) {
    LabelColumn(table).parse_single(kPlace, field, labels);
    REQUIRE(labels.size() == 1);
    CHECK(labels[0].label == label);
    CHECK(labels[0].weight == 1);
  }
  LabelColumn(10).parse_single(kPlace, "7", labels);
  REQUIRE(labels.size() == 1);
  CHECK(labels[0].label == 7);
  for (const std::string bad : {"7:0", "7:0.5", "7,8", "x"})
    CHECK_THROWS_WITH(LabelColumn(10).parse_single(kPlace, bad, labels),
                      "train.tsv:41: label '" + bad + "' is not an id from 0 on");
  LabelColumn(10).parse_single(kPlace, "", labels);
  CHECK(labels.empty());
}

TEST_CASE("text that must be UTF-8 is refused with the byte's position") {
  CHECK_NOTHROW(require_utf8(kPlace, "caf\u00e9"));
  CHECK_THROWS_WITH(require_utf8(kPlace, "caf\xe9"),
                    "train.tsv:41: byte 4 of the text is 0xe9, which is not UTF-8 there");
}

TEST_CASE("the weight of a row multiplies those of its labels, 0 leaves none") {
  std::vector<WeightedLabel> labels{{3, 1}, {7, 0.5F}};
  weigh(kPlace, "4", labels);
  REQUIRE(labels.size() == 2);
  CHECK(labels[0].weight == 4);
  CHECK(labels[1].weight == 2);
  for (const std::string bad : {"", "x", "-1", "nan", "1 "})
    CHECK_THROWS_WITH(weigh(kPlace, bad, labels),
                      "train.tsv:41: weight '" + bad + "' of the row is not a number in 0..3.4e38");
  CHECK_THROWS_WITH(weigh(kPlace, "3e38", labels), "train.tsv:41: weight of label '3' is outside 0..3.4e38");
  weigh(kPlace, "0", labels);
  CHECK(labels.empty());
}
