#include "xmr/util/selection.hpp"

#include <limits>

#include "xmr/util/error.hpp"

#include "support/catch.hpp"

using namespace xmr;

namespace {

using Numbers = std::vector<std::uint64_t>;

std::string message(std::string_view text) {
  try {
    Selection::parse(text);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a selection holds the numbers and ranges that are named") {
  CHECK(Selection::parse("3").of(10) == Numbers{3});
  CHECK(Selection::parse("0:2,4,6:").of(8) == Numbers{0, 1, 4, 6, 7});
  CHECK(Selection::parse(":3,3:4").of(5) == Numbers{0, 1, 2, 3});
  CHECK(Selection::parse(":").of(3) == Numbers{0, 1, 2});
  CHECK(Selection::parse("1:3").complement().of(5) == Numbers{0, 3, 4});
  CHECK(Selection::parse("1:3").complement().complement().of(5) == Numbers{1, 2});
}

TEST_CASE("a selection tells how many numbers there must be") {
  CHECK(Selection::parse("0:2,7").needs() == 8);
  CHECK(Selection::parse("0:2,5:9").needs() == 9);
  CHECK(Selection::parse("0:2,5:").needs() == 6);
  CHECK(Selection::parse("3").complement().needs() == 4);
  CHECK(Selection::share(0.5, 1).needs() == 0);
}

TEST_CASE("a malformed selection is refused") {
  CHECK(message("") == "selection '': '' is not a number");
  CHECK(message("1,") == "selection '1,': '' is not a number");
  CHECK(message("a") == "selection 'a': 'a' is not a number");
  CHECK(message("-1") == "selection '-1': '-1' is not a number");
  CHECK(message("1:2:3") == "selection '1:2:3': '2:3' is not a number");
  CHECK(message("99999999999999999999") == "selection '99999999999999999999': '99999999999999999999' is not a number");
  CHECK(message("18446744073709551615") == "selection '18446744073709551615': '18446744073709551615' is not a number");
  CHECK(message("5:5") == "selection '5:5': '5:5' is empty");
  CHECK(message("5,4") == "selection '5,4': '4' does not lie behind what is named before it");
  CHECK(message("5,5") == "selection '5,5': '5' does not lie behind what is named before it");
  CHECK(message("2:,9") == "selection '2:,9': '9' does not lie behind what is named before it");
  for (const double share : {0.0, 1.0, -1.0, 2.0, std::numeric_limits<double>::quiet_NaN()})
    CHECK_THROWS_AS(Selection::share(share, 0), ConfigError);
}

TEST_CASE("a random share and its complement part the numbers, the same way for every count") {
  const double share = GENERATE(0.1, 0.5, 0.9);
  const Selection taken = Selection::share(share, 7);
  const Numbers some = taken.of(20000), rest = taken.complement().of(20000);
  CHECK(some.size() + rest.size() == 20000);
  CHECK(static_cast<double>(some.size()) == Approx(20000 * share).margin(300));
  const Numbers first = taken.of(100);
  CHECK(std::equal(first.begin(), first.end(), some.begin()));
  CHECK(some != Selection::share(share, 8).of(20000));
}
