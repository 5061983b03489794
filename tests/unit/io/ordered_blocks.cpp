#include "xmr/io/ordered_blocks.hpp"

#include <string>
#include <vector>

#include "xmr/util/error.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using xmr::test::TemporaryDirectory;
using xmr::test::write_file;

namespace {

constexpr std::size_t kLines = 5000;

struct Numbers {
  std::vector<std::uint64_t> lines;
};

// Returns the lines consumed of a file of kLines lines, in blocks of a few lines; parsing fails in the lines `bad`.
std::vector<std::uint64_t> consumed(unsigned threads, const std::vector<std::uint64_t>& bad, std::string& failure) {
  const TemporaryDirectory dir;
  std::string text;
  for (std::size_t i = 0; i < kLines; ++i)
    text += "line\n";
  write_file(dir / "t", text);
  Parallel parallel(threads);
  LineBlocks input(InputFile(dir / "t"), Delivery::full_blocks, 64);
  std::vector<std::uint64_t> all;
  try {
    for_blocks_in_order<Numbers>(
        input, parallel,
        [&](const LineBlock& block, Numbers& numbers, unsigned) {
          numbers.lines.clear();
          for (const Line line : block) {
            if (std::ranges::find(bad, line.number) != bad.end()) throw DataError("t", line.number, "bad");
            numbers.lines.push_back(line.number);
          }
        },
        [&](const Numbers& numbers) { all.insert(all.end(), numbers.lines.begin(), numbers.lines.end()); });
  } catch (const DataError& error) {
    failure = error.what();
  }
  return all;
}

}  // namespace

TEST_CASE("results of blocks are consumed in the order of the input", "[threads]") {
  std::string failure;
  const auto lines = consumed(GENERATE(1U, 2U, 7U), {}, failure);
  CHECK(failure.empty());
  REQUIRE(lines.size() == kLines);
  for (std::size_t i = 0; i < kLines; ++i)
    REQUIRE(lines[i] == i + 1);
}

TEST_CASE("the first failure of the input is thrown, after all results before its block were consumed", "[threads]") {
  const unsigned threads = GENERATE(1U, 2U, 7U);
  const std::uint64_t bad = GENERATE(1U, 1234U, 5000U);
  std::string failure;
  const auto lines = consumed(threads, {bad, 4900}, failure);
  CHECK(failure == "t:" + std::to_string(std::min<std::uint64_t>(bad, 4900)) + ": bad");
  CHECK(lines.size() < bad);
  CHECK(lines.size() + 64 > std::min<std::uint64_t>(bad, 4900));
}

TEST_CASE("no block, no result") {
  const TemporaryDirectory dir;
  write_file(dir / "t", "");
  LineBlocks input(InputFile(dir / "t"));
  Parallel parallel(2);
  for_blocks_in_order<Numbers>(
      input, parallel, [](const LineBlock&, Numbers&, unsigned) { FAIL(); }, [](const Numbers&) { FAIL(); });
}
