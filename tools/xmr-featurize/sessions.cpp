// xmr-featurize sessions: a log of queries → rows (previous, prefix, next) and the known queries.

#include <array>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "xmr/featurize/log_time.hpp"
#include "xmr/featurize/session_log.hpp"
#include "xmr/io/file.hpp"
#include "xmr/util/error.hpp"

#include "common/options.hpp"
#include "common/query_options.hpp"
#include "xmr-featurize/commands.hpp"
#include "xmr-featurize/corpus_options.hpp"

namespace xmr::tools {
namespace {

struct SessionsOptions {
  CorpusOptions log;
  std::string pairs, valid, test, labels;
  std::string valid_from, test_from;
  std::uint64_t min_count = 1;
  bool times = false;
  QueryOptions queries;
  SessionOptions session;

  void add_to(CLI::App& app) {
    log.columns = "session,time,query";
    log.add_to(app);
    app.add_option("-o,--output", pairs, "Training rows to write: previous, prefix, next")
        ->type_name("FILE")
        ->required();
    CLI::Option* const known =
        app.add_option("--labels", labels, "labels.txt to write: the next queries of these rows, with their counts")
            ->type_name("FILE");

    app.add_option("--gap", session.gap,
                   "Seconds without a query that end a session; default: 1800 with a column user, no limit with a "
                   "column session")
        ->transform(range(std::uint64_t{0}))
        ->group("Sessions");
    app.add_flag("--first-queries", session.first_queries,
                 "Writes the first query of a session too, with an empty previous query")
        ->group("Sessions");
    app.add_flag("--all-prefixes", session.all_prefixes,
                 "Writes a row for each length of prefix; default: one of random length")
        ->group("Sessions");
    app.add_flag(
           "--times", times,
           "Writes the time of the next query into a fourth column of the training rows, for counts that fade with "
           "age")
        ->group("Sessions");

    queries.add_to(app, "Queries");
    app.add_option("--max-characters", session.max_characters,
                   "Largest number of characters of a query; longer ones are left out")
        ->transform(range(1U, 1000000U))
        ->group("Queries");
    app.add_option("--min-count", min_count, "Smallest count of a query in --labels")
        ->transform(range(std::uint64_t{1}))
        ->needs(known)
        ->group("Queries");

    const std::string group = "Sessions held out";
    app.add_option("--valid", valid, "Validation rows to write, to choose settings on")
        ->type_name("FILE")
        ->group(group);
    app.add_option("--test", test, "Test rows to write, to report on")->type_name("FILE")->group(group);
    app.add_option("--valid-share", session.split.valid_share, "Share of the sessions (or users) for --valid, by hash")
        ->transform(range(0.0, 0.99))
        ->group(group);
    app.add_option("--test-share", session.split.test_share, "Share of the sessions (or users) for --test, by hash")
        ->transform(range(0.0, 0.99))
        ->group(group);
    app.add_option("--valid-from", valid_from, "Time from which sessions are for --valid, in place of a share")
        ->type_name("TIME")
        ->group(group);
    app.add_option("--test-from", test_from, "Time from which sessions are for --test, in place of a share")
        ->type_name("TIME")
        ->group(group);
  }

  SessionOptions session_options(std::uint64_t seed) const {
    SessionOptions options = session;
    options.form = queries.form();
    options.split.valid_from = parse_time_option("--valid-from", valid_from);
    options.split.test_from = parse_time_option("--test-from", test_from);
    options.seed = seed;
    return options;
  }

 private:
  static std::optional<std::int64_t> parse_time_option(const char* name, const std::string& text) {
    if (text.empty()) return std::nullopt;
    if (const auto time = parse_time(text)) return time->time.seconds;
    throw ConfigError(fmt::format("{}: {} is neither a number of seconds nor YYYY-MM-DD HH:MM:SS", name, quote(text)));
  }
};

// Checks that a part that is held out has a file, and that a file has such a part.
void check_held_out(const std::string& name, const std::string& file, bool selected) {
  if (file.empty() && selected)
    throw ConfigError(fmt::format("--{}-share and --{}-from need --{} FILE", name, name, name));
  if (!file.empty() && !selected)
    throw ConfigError(fmt::format("--{} needs --{}-share or --{}-from", name, name, name));
}

void write_labels(StringCounts& queries, std::uint64_t min_count, OutputFile& out, Run& run) {
  std::uint64_t labels = 0;
  queries.for_each([&](std::string_view query, std::uint64_t count) {
    if (count < min_count) return;
    out.write(fmt::format("{}\t\t{}\n", query, count));
    ++labels;
  });
  if (labels == 0)
    throw DataError(out.path(), fmt::format("no query came {} times or more as the next one", min_count));
  run.record("labels", labels);
}

void sessions(const SessionsOptions& options, Run& run) {
  const CorpusInput log = options.log.input();
  const SessionOptions session = options.session_options(run.common().seed);
  check_dash_once("stdin", {log.paths});
  check_dash_once("stdout", {{options.pairs, options.valid, options.test, options.labels, run.common().stats}});
  check_held_out("valid", options.valid, session.split.valid_share > 0 || session.split.valid_from);
  if (options.times && session.split.valid_share > 0)
    throw ConfigError("--times learns from sessions that are later than the training rows",
                      "--valid-from TIME in place of --valid-share");
  check_held_out("test", options.test, session.split.test_share > 0 || session.split.test_from);

  std::array<std::optional<OutputFile>, 3> parts;  // by SplitPart
  parts[0].emplace(options.pairs);
  if (!options.valid.empty()) parts[1].emplace(options.valid);
  if (!options.test.empty()) parts[2].emplace(options.test);
  std::optional<OutputFile> labels;
  if (!options.labels.empty()) labels.emplace(options.labels);

  StringCounts queries;
  const SessionCounts counts = make_pairs(
      log, session,
      [&](SplitPart part, const QueryPair& pair) {
        const std::string time = options.times && part == SplitPart::train ? fmt::format("\t{}", pair.time) : "";
        parts[static_cast<std::size_t>(part)]->write(
            fmt::format("{}\t{}\t{}{}\n", pair.previous, pair.prefix, pair.next, time));
      },
      queries, run.parallel());
  if (counts.rows[0] == 0)
    throw DataError(log.paths.front(), "has no two different queries that follow each other in a session to train on");
  if (labels) write_labels(queries, options.min_count, *labels, run);
  for (std::optional<OutputFile>& part : parts)
    if (part) part->commit();
  if (labels) labels->commit();

  run.record("lines", counts.lines.rows);
  run.record("skipped_rows", counts.lines.skipped_rows);
  run.record("bytes", counts.lines.bytes);
  run.record("sessions", counts.sessions);
  run.record("repeated_queries", counts.repeated);
  run.record("unusable_queries", counts.unusable);
  run.record("rows", counts.rows[0]);
  run.record("rows_valid", counts.rows[1]);
  run.record("rows_test", counts.rows[2]);
}

}  // namespace

void add_sessions(Tool& tool) {
  tool.command("sessions",
               "Turns a log of queries into rows for autocompletion: the previous query, what was typed so far, the "
               "query that was meant. The lines of a session (or user) stand together, in order of time.",
               "xmr-featurize sessions -o train.tsv --labels labels.txt \\\n"
               "  --test test.tsv --test-share 0.1 log.tsv",
               sessions);
}

}  // namespace xmr::tools
