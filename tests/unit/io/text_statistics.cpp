#include "xmr/io/text_statistics.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using namespace xmr::test;

TEST_CASE("statistics of a text count lines, columns and lines that are not UTF-8") {
  const TemporaryDirectory dir;
  write_file(dir / "t", "1\techo dot\r\n\n2\tb\xC3\xBCro\textra\n3\t\xFF");
  const TextStatistics found = text_statistics(InputFile(dir / "t"));
  CHECK(found.bytes == 30);
  CHECK(found.lines == 4);
  CHECK(found.empty_lines == 1);
  CHECK(found.longest_line == 13);
  CHECK(found.least_columns == 1);
  CHECK(found.most_columns == 3);
  CHECK(found.ill_formed_lines == 1);
  write_file(dir / "empty", "");
  CHECK(text_statistics(InputFile(dir / "empty")).lines == 0);
}
