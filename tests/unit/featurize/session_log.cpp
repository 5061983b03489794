#include "xmr/featurize/session_log.hpp"

#include <map>
#include <string>

#include "xmr/util/error.hpp"
#include "xmr/util/random.hpp"
#include "xmr/util/utf8.hpp"

#include "support/catch.hpp"
#include "support/damage.hpp"
#include "support/temporary_directory.hpp"

using namespace xmr;
using xmr::test::TemporaryDirectory;
using xmr::test::write_file;

namespace {

// The rows of a log, each "part previous|prefix|next", and its counts.
struct Outcome {
  std::vector<std::string> rows;
  std::vector<std::string> labels;
  SessionCounts counts;
};

Outcome pairs_of(const std::string& log, const SessionOptions& options = {},
                 const std::string& columns = "session,time,query", unsigned threads = 1) {
  const TemporaryDirectory dir;
  write_file(dir / "log", log);
  Parallel parallel(threads);
  StringCounts next_queries;
  Outcome outcome;
  outcome.counts = make_pairs(
      {.paths = {dir / "log"}, .columns = CorpusColumns(columns)}, options,
      [&](SplitPart part, const QueryPair& pair) {
        outcome.rows.push_back(std::string(1, "RVT"[static_cast<int>(part)]) + " " + std::string(pair.previous) + "|" +
                               std::string(pair.prefix) + "|" + std::string(pair.next));
      },
      next_queries, parallel);
  next_queries.for_each([&](std::string_view query, std::uint64_t count) {
    outcome.labels.push_back(std::string(query) + " " + std::to_string(count));
  });
  return outcome;
}

std::string failure(const std::string& log, const SessionOptions& options = {},
                    const std::string& columns = "session,time,query") {
  try {
    pairs_of(log, options, columns);
  } catch (const Error& error) {
    const std::string what = error.what();
    return what.substr(what.find("log:") == std::string::npos ? 0 : what.find("log:"));
  }
  return "none";
}

const SessionOptions kAllPrefixes{.all_prefixes = true};

}  // namespace

TEST_CASE("consecutive queries of a session make rows, the first has none") {
  const Outcome outcome = pairs_of("a\t1\tX\na\t2\tyz\nb\t1\tq\nb\t5\tx\n", kAllPrefixes);
  CHECK(outcome.rows == std::vector<std::string>{"R x|y|yz", "R x|yz|yz", "R q|x|x"});
  CHECK(outcome.labels == std::vector<std::string>{"x 1", "yz 1"});
  CHECK(outcome.counts.sessions == 2);
  CHECK(outcome.counts.rows[0] == 3);
}

TEST_CASE("a first query is a row with an empty previous one on request") {
  SessionOptions options = kAllPrefixes;
  options.first_queries = true;
  CHECK(pairs_of("a\t1\tx\na\t2\ty\n", options).rows == std::vector<std::string>{"R |x|x", "R x|y|y"});
}

TEST_CASE("repeated, empty and overlong queries are left out and counted") {
  SessionOptions options = kAllPrefixes;
  options.max_characters = 2;
  const Outcome outcome = pairs_of("a\t1\tx\na\t2\t X \na\t3\t \na\t4\txyz\na\t5\ty\n", options);
  CHECK(outcome.rows == std::vector<std::string>{"R x|y|y"});
  CHECK(outcome.counts.repeated == 1);
  CHECK(outcome.counts.unusable == 2);
}

TEST_CASE("a user's sessions end where nothing happens for longer than the gap") {
  const std::string log = "u\t0\ta\nu\t1800\tb\nu\t3601\tc\nu\t3602\td\n";
  CHECK(pairs_of(log, kAllPrefixes, "user,time,query").rows == std::vector<std::string>{"R a|b|b", "R c|d|d"});
  CHECK(pairs_of(log, kAllPrefixes).rows.size() == 3);  // sessions as in the log
  SessionOptions options = kAllPrefixes;
  options.gap = 1801;
  CHECK(pairs_of(log, options, "user,time,query").rows.size() == 3);
  options.gap = 10;
  CHECK(pairs_of(log, options).rows == std::vector<std::string>{"R c|d|d"});
}

TEST_CASE("a random prefix has one to all of the characters, each length about as often") {
  std::string log;
  for (int i = 0; i < 4000; ++i)
    log += std::to_string(i) + "\t0\ta\n" + std::to_string(i) + "\t1\t\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z\n";
  const Outcome outcome = pairs_of(log);
  std::map<std::string, int> lengths;
  for (const std::string& row : outcome.rows)
    ++lengths[row];
  CHECK(lengths.size() == 4);
  for (const auto& [row, count] : lengths) {
    CHECK(find_invalid_utf8(row) == std::string::npos);
    CHECK(count > 900);
  }
}

TEST_CASE("the seed decides the prefixes") {
  std::string log;
  for (int i = 0; i < 100; ++i)
    log += "s\t" + std::to_string(i) + "\tquery number " + std::to_string(i) + "\n";
  const auto rows = pairs_of(log).rows;
  CHECK(rows == pairs_of(log).rows);
  CHECK(rows != pairs_of(log, {.seed = 1}).rows);
}

TEST_CASE("sessions are held out by share, whole and about as many", "[threads]") {
  std::string log;
  for (int i = 0; i < 5000; ++i)
    for (int j = 0; j < 3; ++j)
      log += std::to_string(i) + "\t" + std::to_string(j) + "\tq" + std::to_string(i) + " " + std::to_string(j) + "\n";
  SessionOptions options;
  options.split = {.valid_share = 0.1, .test_share = 0.2};
  const Outcome outcome = pairs_of(log, options);
  CHECK(outcome.counts.rows[1] == Approx(1000).margin(150));
  CHECK(outcome.counts.rows[2] == Approx(2000).margin(200));
  // Both rows of a session go to the same part.
  for (std::size_t i = 0; i < outcome.rows.size(); i += 2)
    CHECK(outcome.rows[i][0] == outcome.rows[i + 1][0]);
  CHECK(outcome.labels.size() == outcome.counts.rows[0]);
  CHECK(pairs_of(log, options, "session,time,query", 7).rows == outcome.rows);
}

TEST_CASE("sessions are held out by the time at which they begin") {
  SessionOptions options = kAllPrefixes;
  options.split = {.valid_from = 10, .test_from = 20};
  CHECK(pairs_of("a\t9\tx\na\t30\ty\nb\t10\tx\nb\t11\ty\nc\t20\tx\nc\t21\ty\n", options).rows ==
        std::vector<std::string>{"R x|y|y", "V x|y|y", "T x|y|y"});
}

TEST_CASE("times in milliseconds, and with zones, give the rows of those in seconds") {
  const auto rows =
      pairs_of("a\t1700000000\tx\na\t1700000900\ty\na\t1700009000\tz\n", kAllPrefixes, "user,time,query").rows;
  CHECK(rows == std::vector<std::string>{"R x|y|y"});
  CHECK(pairs_of("a\t1700000000000\tx\na\t1700000900000\ty\na\t1700009000000\tz\n", kAllPrefixes, "user,time,query")
            .rows == rows);
  CHECK(pairs_of("a\t2023-11-14T22:13:20Z\tx\na\t2023-11-15T00:28:20+02:00\ty\na\t2023-11-15T00:43:20.5Z\tz\n",
                 kAllPrefixes, "user,time,query")
            .rows == rows);
  CHECK(failure("a\t2023-11-14T22:13:20.5Z\tx\na\t2023-11-14T22:13:20.25Z\ty\n") ==
        "log:2: time 1700000000.250000000 is before 1700000000.500000000, the lines of session 'a' must be in order of "
        "time");
}

TEST_CASE("a session that comes again is refused however many lie between") {
  for (const int between : {3, 1 << 18, (1 << 18) + 5}) {
    std::string log = "s0\t1\thello\ns0\t2\tworld\n";
    for (int i = 0; i < between; ++i)
      log += "t" + std::to_string(i) + "\t1\tq\n";
    log += "s0\t3\tagain\n";
    CHECK(failure(log) == "log:" + std::to_string(between + 3) +
                              ": session 's0' came before, other lines between: its lines must stand together");
  }
}

TEST_CASE("logs in disorder are refused") {
  CHECK(failure("a\t2\tx\na\t1\ty\n") ==
        "log:2: time 1 is before 2, the lines of session 'a' must be in order of time");
  CHECK(failure("a\t1\tx\nb\t1\ty\na\t2\tz\n") ==
        "log:3: session 'a' came before, other lines between: its lines must stand together");
}

TEST_CASE("bad lines and settings are refused") {
  CHECK(failure("a\tnow\tx\n") == "log:1: time 'now' is neither a number of seconds nor YYYY-MM-DD HH:MM:SS");
  CHECK(failure("a\t1\n") == "log:1: 2 columns in a line of 3 columns (session,time,query)");
  CHECK(failure("") == "log: has no row, at least one is needed");
  CHECK(failure("a\t1\tx\n", {}, "who,time,query") == "a log needs a column `session` or a column `user`, one of them");
  CHECK(failure("a\t1\tx\n", {.split = {.valid_share = 0.5, .test_share = 0.5}}) ==
        "shares of 0.5 and 0.5 leave nothing to train on");
  CHECK(failure("a\t1\tx\n", {.split = {.valid_share = 0.5, .test_from = 5}}) ==
        "sessions are held out by time or by share, not both");
  CHECK(failure("a\t1\tx\n", {.split = {.valid_from = 5, .test_from = 5}}) ==
        "the time from which sessions are for validation must be before that from which they are for test");
}

TEST_CASE("a log that was cut off or changed is refused or gives rows that keep the rules", "[damage]") {
  const auto read = [](const std::string& log) {
    if (log.find('|') != std::string::npos) return;  // the separator of Outcome::rows
    const Outcome outcome = pairs_of(log, kAllPrefixes);
    REQUIRE(outcome.rows.size() == outcome.counts.rows[0]);
    for (const std::string& row : outcome.rows) {
      const std::string prefix = row.substr(row.find('|') + 1, row.rfind('|') - row.find('|') - 1);
      REQUIRE_FALSE(prefix.empty());
      REQUIRE(row.substr(row.rfind('|') + 1).starts_with(prefix));
    }
  };
  test::Damage damage("session log", "a\t1\tX\na\t2\ty z\nb\t2026-01-02T03:04:05Z\tq\r\nb\t1767323046\tx\n");
  damage.cut(read);
  damage.replace(read);
}
