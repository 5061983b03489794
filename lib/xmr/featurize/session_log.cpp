#include "xmr/featurize/session_log.hpp"

#include <charconv>
#include <chrono>
#include <deque>
#include <string>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

#include "xmr/io/ordered_blocks.hpp"
#include "xmr/util/hash.hpp"
#include "xmr/util/quote.hpp"
#include "xmr/util/random.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kDefaultGap = 1800;
constexpr std::string_view kSortHint = "LC_ALL=C sort -s -t$'\\t' -k1,1 -k2,2n puts a log in order";

// The first `count` characters of a text that has as many.
std::string_view first_characters(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  for (; end < text.size(); ++end)
    if (begins_point(text[end]) && count-- == 0) break;
  return text.substr(0, end);
}

// One number of a date: `digits` digits at the start of `text`, which are taken off, with `behind` after them.
std::optional<int> take_number(std::string_view& text, std::size_t digits, std::string_view behind) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc{} || end != text.data() + digits || value < 0) return std::nullopt;
  text.remove_prefix(digits);
  if (behind.empty()) return text.empty() ? std::optional(value) : std::nullopt;
  if (text.empty() || behind.find(text.front()) == std::string_view::npos) return std::nullopt;
  text.remove_prefix(1);
  return value;
}

std::optional<std::int64_t> parse_date(std::string_view text) {
  const auto year = take_number(text, 4, "-");
  const auto month = year ? take_number(text, 2, "-") : std::nullopt;
  const auto day = month ? take_number(text, 2, " T") : std::nullopt;
  const auto hour = day ? take_number(text, 2, ":") : std::nullopt;
  const auto minute = hour ? take_number(text, 2, ":") : std::nullopt;
  const auto second = minute ? take_number(text, 2, "") : std::nullopt;
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((std::int64_t{days} * 24 + *hour) * 60 + *minute) * 60 + *second;
}

// A line of the log; the texts stand in ParsedBlock::texts.
struct LogLine {
  std::uint64_t number = 0;
  std::int64_t time = 0;
  std::size_t session_end = 0, query_end = 0;  // the session begins where the line before ends
};

struct ParsedBlock {
  BlockCounts counts;
  std::string texts;
  std::vector<LogLine> lines;
};

// Whether a session came before, among the last kRemembered. Sessions in disorder come again soon.
class EndedSessions {
 public:
  bool contains(std::string_view session) const { return hashes_.contains(hash64(session)); }
  void add(std::string_view session) {
    if (!hashes_.insert(hash64(session)).second) return;
    order_.push_back(hash64(session));
    if (order_.size() <= kRemembered) return;
    hashes_.erase(order_.front());
    order_.pop_front();
  }

 private:
  static constexpr std::size_t kRemembered = std::size_t{1} << 18;
  std::unordered_set<std::uint64_t> hashes_;
  std::deque<std::uint64_t> order_;
};

// Takes the lines in the order of the log.
class PairMaker {
 public:
  PairMaker(const SessionOptions& options, std::optional<std::uint64_t> gap, const UsePair& use,
            StringCounts& next_queries)
      : options_(options), gap_(gap), use_(use), next_queries_(next_queries), random_(options.seed) {}

  void add(LinePlace place, std::string_view session, std::int64_t time, std::string_view query) {
    if (!started_ || session != session_)
      change_session(place, session, time);
    else if (time < time_)
      throw DataError(place.file, place.line,
                      fmt::format("time {} is before {}, the lines of session {} must be in order of time", time, time_,
                                  quote(session)),
                      std::string(kSortHint));
    else if (gap_ && static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(time_) > *gap_)
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

 private:
  void change_session(LinePlace place, std::string_view session, std::int64_t time) {
    if (started_) ended_.add(session_);
    if (ended_.contains(session))
      throw DataError(
          place.file, place.line,
          fmt::format("session {} came before, other lines between: its lines must stand together", quote(session)),
          std::string(kSortHint));
    started_ = true;
    session_ = session;
    begin_session(time);
  }

  void begin_session(std::int64_t time) {
    ++counts_.sessions;
    has_previous_ = false;
    previous_.clear();
    part_ = part_of(time);
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
    use_(part_, {previous_, prefix, next});
  }

  const SessionOptions& options_;
  std::optional<std::uint64_t> gap_;
  const UsePair& use_;
  StringCounts& next_queries_;
  Random random_;
  EndedSessions ended_;
  SessionCounts counts_;
  bool started_ = false, has_previous_ = false;
  std::string session_, previous_;
  std::int64_t time_ = 0;
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

std::optional<std::int64_t> parse_time(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (!text.empty() && error == std::errc{} && end == text.data() + text.size()) return seconds;
  return parse_date(text);
}

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
    LogLine line;
    std::span<const std::string_view> fields;
    read_rows(
        block, file, log.skip_bad_rows, result.counts,
        [&](LinePlace place, std::string_view text) {
          fields = readers[worker].read(place, text);
          const std::optional<std::int64_t> time = parse_time(fields[1]);
          if (!time)
            throw DataError(
                place.file, place.line,
                fmt::format("time {} is neither a whole number of seconds nor YYYY-MM-DD HH:MM:SS", quote(fields[1])));
          line.number = place.line;
          line.time = *time;
        },
        [&] {
          result.texts += fields[0];
          line.session_end = result.texts.size();
          result.texts += normalizers[worker].query(fields[2]);
          line.query_end = result.texts.size();
          result.lines.push_back(line);
        });
  };

  PairMaker maker(options,
                  options.gap ? options.gap
                  : by_user   ? std::optional(kDefaultGap)
                              : std::nullopt,
                  use, next_queries);
  CorpusTotals totals(parallel.observer());
  const Phase phase(parallel.observer(), "pair", 0, "lines");
  for (const std::string& path : log.paths) {
    LineBlocks blocks = open_corpus(path);
    for_blocks_in_order<ParsedBlock>(
        blocks, parallel,
        [&](const LineBlock& block, ParsedBlock& result, unsigned worker) {
          parse(block, blocks.name(), result, worker);
        },
        [&](const ParsedBlock& result) {
          totals.add(result.counts);
          const std::string_view texts = result.texts;
          std::size_t begin = 0;
          for (const LogLine& line : result.lines) {
            maker.add({blocks.name(), line.number}, texts.substr(begin, line.session_end - begin), line.time,
                      texts.substr(line.session_end, line.query_end - line.session_end));
            begin = line.query_end;
          }
        });
  }
  SessionCounts counts = maker.counts();
  counts.lines = totals.finish(log);
  return counts;
}

}  // namespace xmr
