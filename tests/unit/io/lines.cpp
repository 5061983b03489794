#include "xmr/io/lines.hpp"

#include <vector>

#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using xmr::test::TemporaryDirectory;
using xmr::test::write_file;

namespace {

std::vector<std::pair<std::uint64_t, std::string>> read_lines(const std::string& content, std::size_t block_bytes,
                                                              Delivery delivery = Delivery::full_blocks) {
  const TemporaryDirectory dir;
  write_file(dir / "lines", content);
  LineBlocks input(InputFile(dir / "lines"), delivery, block_bytes);
  std::vector<std::pair<std::uint64_t, std::string>> lines;
  for (LineBlock block; input.next(block);)
    for (const Line line : block)
      lines.emplace_back(line.number, std::string(line.text));
  return lines;
}

using Lines = std::vector<std::pair<std::uint64_t, std::string>>;

}  // namespace

TEST_CASE("lines come with their numbers whatever the size of a block") {
  const std::size_t block = GENERATE(1U, 2U, 3U, 5U, 1000U);
  const Delivery delivery = GENERATE(Delivery::full_blocks, Delivery::as_it_arrives);
  CHECK(read_lines("a\nbb\n\nccc\n", block, delivery) == Lines{{1, "a"}, {2, "bb"}, {3, ""}, {4, "ccc"}});
}

TEST_CASE("a last line without newline counts, an empty rest does not") {
  CHECK(read_lines("a\nb", 1) == Lines{{1, "a"}, {2, "b"}});
  CHECK(read_lines("a\n", 1) == Lines{{1, "a"}});
  CHECK(read_lines("", 1).empty());
  CHECK(read_lines("\n", 1) == Lines{{1, ""}});
}

TEST_CASE("CRLF ends a line like LF, a lone CR does not") {
  CHECK(read_lines("a\r\nb\rc\r\n", 100) == Lines{{1, "a"}, {2, "b\rc"}});
}

TEST_CASE("a byte order mark before a line is not a part of it") {
  const std::size_t block = GENERATE(1U, 2U, 1000U);
  const std::string mark = "\xef\xbb\xbf";
  CHECK(read_lines(mark + "a\r\n" + mark + "b\n", block) == Lines{{1, "a"}, {2, "b"}});
  CHECK(read_lines("a" + mark + "\n", block) == Lines{{1, "a" + mark}});
  CHECK(read_lines(mark + "\n", block) == Lines{{1, ""}});
}

TEST_CASE("a file whose lines end with CR alone is refused") {
  using Catch::Matchers::Contains;
  CHECK_THROWS_WITH(read_lines("a\rb\r", 1), Contains(": its lines end with CR alone, LF or CRLF is needed"));
  std::string long_one;
  while (long_one.size() < 200000)
    long_one += "0\ttext\r";
  CHECK_THROWS_WITH(read_lines(long_one, 1U << 20), Contains(": its lines end with CR alone"));
  CHECK(read_lines("a\r", 100) == Lines{{1, "a"}});
}

TEST_CASE("UTF-16 is refused") {
  using Catch::Matchers::Contains;
  const std::string wide("a\0\n\0", 4);
  CHECK_THROWS_WITH(read_lines("\xff\xfe" + wide, 1), Contains(": is UTF-16, text must be UTF-8"));
  CHECK_THROWS_WITH(read_lines("\xfe\xff" + wide, 1000), Contains(": is UTF-16, text must be UTF-8"));
  CHECK_NOTHROW(read_lines("a\n\xff\xfe\n", 1));
}

TEST_CASE("a line much longer than a block is one line") {
  const std::string line(300000, 'x');
  CHECK(read_lines("a\n" + line + "\nb", 10) == Lines{{1, "a"}, {2, line}, {3, "b"}});
}
