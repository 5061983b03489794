#include "xmr/featurize/session_log.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "xmr/featurize/ended_sessions.hpp"
#include "xmr/featurize/log_time.hpp"
#include "xmr/io/ordered_blocks.hpp"
#include "xmr/util/hash.hpp"
#include "xmr/util/quote.hpp"
#include "xmr/util/random.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kDefaultGap = 1800;

// The first `count` characters of a text that has as many.
std::string_view first_characters(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  for (; end < text.size(); ++end)
    if (begins_point(text[end]) && count-- == 0) break;
  return text.substr(0, end);
}

// A line of the log; its texts are in ParsedBlock::texts.
struct LogLine {
  std::uint64_t number = 0;
  LogTime time;
  std::size_t session_end = 0, query_end = 0;  // the session begins where the line before ends
};

struct ParsedBlock {
  BlockCounts counts;
  std::string texts;
  std::vector<LogLine> lines;
  TimeUnit unit = TimeUnit::seconds;  // the finest
};

// Takes the lines in the order of the log.
class PairMaker {
 public:
  PairMaker(const CorpusInput& log, const SessionOptions& options, std::optional<std::uint64_t> gap, const UsePair& use,
            StringCounts& next_queries)
      : log_(log), options_(options), gap_(gap), use_(use), next_queries_(next_queries), random_(options.seed) {}

  void add(LinePlace place, std::string_view session, LogTime time, std::string_view query) {
    if (!started_ || session != session_)
      change_session(place, session, time);
    else if (time < time_)
      throw DataError(place.file, place.line,
                      fmt::format("time {} is before {}, the lines of session {} must be in order of time",
                                  text_of(time), text_of(time_), quote(session)),
                      sort_hint());
    else if (gap_ && is_longer(time_, time, *gap_))
      begin_session(time);
    time_ = time;
    if (query.empty() || count_points(query) > options_.max_characters)
      ++counts_.unusable;
    else if (has_previous_ && query == previous_)
      ++counts_.repeated;
    else
      add_query(query);
  }

  const SessionCounts& counts() const { return counts_; }

  // The following lines are from the next file.
  void next_file() { ++file_; }

  // Ends the log. DataError for a session in two places.
  void finish() {
    const auto again = ended_.repeated();
    if (again) refuse_repeated(log_.paths[again->second.file], again->second.line, again->name);
  }

 private:
  [[noreturn]] void refuse_repeated(std::string_view file, std::uint64_t line, std::string_view session) const {
    throw DataError(
        file == "-" ? "<stdin>" : file, line,
        fmt::format("session {} came before, other lines between: its lines must stand together", quote(session)),
        sort_hint());
  }

  // The command that puts the log in order, by the places of its columns.
  std::string sort_hint() const {
    std::string files;
    for (const std::string& path : log_.paths)
      files += path == "-" ? "" : " " + shell_word(path);
    const std::size_t session = log_.columns.find(log_.columns.has("user") ? "user" : "session") + 1;
    const std::size_t time = log_.columns.find("time") + 1;
    return fmt::format("LC_ALL=C sort -s -t$'\\t' -k{0},{0} -k{1},{1}{2}{3} > sorted.tsv", session, time,
                       times_are_numbers_ ? "n" : "", files);
  }

  static std::string text_of(LogTime time) {
    return time.nanoseconds == 0 ? fmt::format("{}", time.seconds)
                                 : fmt::format("{}.{:09}", time.seconds, time.nanoseconds);
  }

  void change_session(LinePlace place, std::string_view session, LogTime time) {
    if (ended_.contains(session)) refuse_repeated(place.file, place.line, session);
    ended_.begin(session, {file_, place.line});
    started_ = true;
    session_ = session;
    begin_session(time);
  }

  void begin_session(LogTime time) {
    ++counts_.sessions;
    has_previous_ = false;
    previous_.clear();
    part_ = part_of(time.seconds);
  }

  SplitPart part_of(std::int64_t time) const {
    const SessionSplit& split = options_.split;
    if (split.test_from && time >= *split.test_from) return SplitPart::test;
    if (split.valid_from && time >= *split.valid_from) return SplitPart::valid;
    const double position = Random(options_.seed, hash64(session_)).uniform();
    if (position < split.test_share) return SplitPart::test;
    return position < split.test_share + split.valid_share ? SplitPart::valid : SplitPart::train;
  }

  void add_query(std::string_view query) {
    if (has_previous_ || options_.first_queries) {
      if (part_ == SplitPart::train) next_queries_.add(query);
      const std::size_t length = count_points(query);
      if (options_.all_prefixes)
        for (std::size_t n = 1; n <= length; ++n)
          emit(first_characters(query, n), query);
      else
        emit(first_characters(query, 1 + random_.below(length)), query);
    }
    has_previous_ = true;
    previous_ = query;
  }

  void emit(std::string_view prefix, std::string_view next) {
    ++counts_.rows[static_cast<std::size_t>(part_)];
    use_(part_, {previous_, prefix, next, time_.seconds});
  }

  const CorpusInput& log_;
  const SessionOptions& options_;
  std::optional<std::uint64_t> gap_;
  const UsePair& use_;
  StringCounts& next_queries_;
  Random random_;
  EndedSessions ended_;
  std::uint64_t file_ = 0;  // its number in the log
  bool times_are_numbers_ = true;
  SessionCounts counts_;
  bool started_ = false, has_previous_ = false;
  std::string session_, previous_;
  LogTime time_;
  SplitPart part_ = SplitPart::train;
};

void check_split(const SessionSplit& split) {
  const bool by_time = split.valid_from || split.test_from;
  const bool by_share = split.valid_share > 0 || split.test_share > 0;
  if (by_time && by_share) throw ConfigError("sessions are held out by time or by share, not both");
  if (split.valid_share + split.test_share >= 1)
    throw ConfigError(
        fmt::format("shares of {} and {} leave nothing to train on", split.valid_share, split.test_share));
  if (split.valid_from && split.test_from && *split.valid_from >= *split.test_from)
    throw ConfigError(
        "the time from which sessions are for validation must be before that from which they are for test");
}

}  // namespace

SessionCounts make_pairs(const CorpusInput& log, const SessionOptions& options, const UsePair& use,
                         StringCounts& next_queries, Parallel& parallel) {
  check_split(options.split);
  const bool by_user = log.columns.has("user");
  if (by_user == log.columns.has("session"))
    throw ConfigError("a log needs a column `session` or a column `user`, one of them");
  const std::vector<std::string> wanted = {by_user ? "user" : "session", "time", "query"};
  std::vector<RowReader> readers(parallel.threads(), RowReader(log.columns, log.invalid_utf8, wanted));
  std::vector<QueryNormalizer> normalizers;
  for (unsigned i = 0; i < parallel.threads(); ++i)
    normalizers.emplace_back(options.form);

  const auto parse = [&](const LineBlock& block, const std::string& file, ParsedBlock& result, unsigned worker) {
    result.texts.clear();
    result.lines.clear();
    result.unit = TimeUnit::seconds;
    LogLine line;
    std::span<const std::string_view> fields;
    read_rows(
        block, file, log.skip_bad_rows, result.counts,
        [&](LinePlace place, std::string_view text) {
          fields = readers[worker].read(place, text);
          const std::optional<ParsedTime> time = parse_time(fields[1]);
          if (!time)
            throw DataError(
                place.file, place.line,
                fmt::format("time {} is neither a number of seconds nor YYYY-MM-DD HH:MM:SS", quote(fields[1])),
                place.line == 1 ? header_hint(place.file) : "--skip-bad-rows leaves such rows out");
          line.number = place.line;
          line.time = time->time;
          result.unit = std::max(result.unit, time->unit);
        },
        [&] {
          result.texts += fields[0];
          line.session_end = result.texts.size();
          result.texts += normalizers[worker].query(fields[2]);
          line.query_end = result.texts.size();
          result.lines.push_back(line);
        });
  };

  PairMaker maker(log, options,
                  options.gap ? options.gap
                  : by_user   ? std::optional(kDefaultGap)
                              : std::nullopt,
                  use, next_queries);
  CorpusTotals totals(parallel.observer());
  const Phase phase(parallel.observer(), "pair", 0, "lines");
  TimeUnit unit = TimeUnit::seconds;
  for (const std::string& path : log.paths) {
    LineBlocks blocks = open_corpus(log, path);
    for_blocks_in_order<ParsedBlock>(
        blocks, parallel,
        [&](const LineBlock& block, ParsedBlock& result, unsigned worker) {
          parse(block, blocks.name(), result, worker);
        },
        [&](const ParsedBlock& result) {
          totals.add(result.counts);
          if (result.unit > unit)
            parallel.observer().warn(
                fmt::format("{}: times are taken for {}, by their size", blocks.name(), name_of(result.unit)));
          unit = std::max(unit, result.unit);
          const std::string_view texts = result.texts;
          std::size_t begin = 0;
          for (const LogLine& line : result.lines) {
            maker.add({blocks.name(), line.number}, texts.substr(begin, line.session_end - begin), line.time,
                      texts.substr(line.session_end, line.query_end - line.session_end));
            begin = line.query_end;
          }
        });
    maker.next_file();
  }
  maker.finish();
  SessionCounts counts = maker.counts();
  counts.lines = totals.finish(log);
  return counts;
}

}  // namespace xmr
