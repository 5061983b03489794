#include "xmr/io/names.hpp"

#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using xmr::test::TemporaryDirectory;
using xmr::test::write_file;

TEST_CASE("labels.txt gives key, text and count by line number") {
  const TemporaryDirectory dir;
  write_file(dir / "labels.txt", "a\tfirst\t5\nb\nc\t\t7\nd\twith words");
  const LabelNames names = LabelNames::read(dir / "labels.txt");
  REQUIRE(names.size() == 4);
  CHECK(names.key(0) == "a");
  CHECK(names.text(0) == "first");
  CHECK(names.count(0) == 5);
  CHECK(names.text(1) == "b");
  CHECK(names.text(2) == "c");
  CHECK(names.count(2) == 7);
  CHECK(names.text(3) == "with words");
  CHECK(names.find("c") == 2U);
  CHECK_FALSE(names.find("e").has_value());
}

TEST_CASE("labels.txt with empty or repeated keys or a bad count is refused with the line") {
  const TemporaryDirectory dir;
  const auto message = [&](const std::string& content) -> std::string {
    write_file(dir / "l", content);
    try {
      LabelNames::read(dir / "l");
    } catch (const DataError& error) {
      return std::string(error.what()).substr(std::string(dir / "l").size());
    }
    return "accepted";
  };
  CHECK(message("a\n\nb\n") == ":2: label key is empty");
  CHECK(message("a\nb\na\n") == ":3: label key 'a' is repeated; it first stands in line 1");
  CHECK(message("a\tx\t-1\n") == ":1: count '-1' is not a whole number from 0 on");
  CHECK(message("") == ": holds no label");
}

TEST_CASE("a string table is written and read in place, offsets that do not fit are refused") {
  const TemporaryDirectory dir;
  StringTableBuilder table;
  table.add("one");
  table.add("");
  table.add("three");
  {
    NpzWriter out(dir / "t.npz");
    table.write(out, "keys/");
    out.add("bad/offsets", std::vector<std::uint64_t>{0, 9, 4});
    out.add("bad/bytes", std::vector<std::uint8_t>{1, 2, 3, 4});
    out.commit({"sample", 1, {}});
  }
  const NpzFile file(dir / "t.npz");
  const StringTable read = read_string_table(file, "keys/");
  REQUIRE(read.size() == 3);
  CHECK(read[0] == "one");
  CHECK(read[1].empty());
  CHECK(read[2] == "three");
  CHECK_THROWS_AS(read_string_table(file, "bad/"), FormatError);
}

TEST_CASE("labels.txt that was cut off or changed is refused or gives unique keys that are found", "[damage]") {
  const TemporaryDirectory dir;
  const auto read = [&](const std::string& bytes) {
    write_file(dir / "l", bytes);
    const LabelNames names = LabelNames::read(dir / "l");
    REQUIRE(names.size() > 0);
    for (LabelId label = 0; label < names.size(); ++label) {
      REQUIRE_FALSE(names.text(label).empty());
      REQUIRE(names.find(names.key(label)) == label);
    }
  };
  test::Damage damage("names", "a\tfirst\t5\nb\r\nc\t\t7\nd\twith words");
  damage.cut(read);
  damage.replace(read);
}
