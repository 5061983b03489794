#include "xmr/io/slice_lines.hpp"

#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using namespace xmr::test;

TEST_CASE("lines are parted into selected and others, LF behind each") {
  const TemporaryDirectory dir;
  write_file(dir / "t", "zero\r\none\n\nthree\nfour");
  OutputFile some(dir / "some"), others(dir / "others");
  CHECK(slice_lines(InputFile(dir / "t"), Selection::parse("0,2,4"), some, &others) == 5);
  some.commit();
  others.commit();
  CHECK(read_file(dir / "some") == "zero\n\nfour\n");
  CHECK(read_file(dir / "others") == "one\nthree\n");
}

TEST_CASE("a line that is not there is refused") {
  const TemporaryDirectory dir;
  write_file(dir / "t", "zero\none\n");
  OutputFile some(dir / "some");
  CHECK_THROWS_WITH(slice_lines(InputFile(dir / "t"), Selection::parse("2"), some, nullptr),
                    Catch::Matchers::EndsWith("t: row 2 is not there: there are 2 rows"));
  CHECK(dir.entries() == 2);  // the text and the temporary
}
