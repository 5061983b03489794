#pragma once
// Session logs → pairs for query autocompletion: each two consecutive queries of a session make a row
// (previous, prefix, next), where the prefix is the text typed so far by a person who goes on to `next`.
//
// A log has the columns `time`, `query` and either `session` or `user`; the lines of a session (or user) stand
// together, in order of time. A user's lines are cut into sessions where more than `gap` seconds pass. Queries are
// normalised (query_text.hpp). Empty queries, and queries equal to the one before, are then left out.
// Times have the forms of log_time.hpp. Warns if whole numbers are taken for milliseconds or finer.
//
// Parsing and normalising run on all threads; the result is the same for any number of them. Memory: a few blocks of
// lines and the counts of queries (string_counts.hpp).
// Errors: IoError; DataError with file and line for a bad line (or skip_bad_rows) and for sessions in disorder;
// ConfigError for invalid columns or an invalid split. Thread rule: one call at a time per `parallel`.

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "xmr/featurize/corpus_rows.hpp"
#include "xmr/featurize/query_text.hpp"
#include "xmr/io/string_counts.hpp"
#include "xmr/util/parallel.hpp"

namespace xmr {

enum class SplitPart { train, valid, test };

// The choice of held-out sessions: by the hash of the name of the user or session, or by the time of their beginning.
struct SessionSplit {
  double valid_share = 0, test_share = 0;                       // of sessions; together below 1
  std::optional<std::int64_t> valid_from = {}, test_from = {};  // seconds; valid_from before test_from
};

struct SessionOptions {
  QueryForm form = {};
  std::uint32_t max_characters = 200;     // longer queries are left out
  std::optional<std::uint64_t> gap = {};  // seconds; default: 1800 with `user`, none with `session`
  bool all_prefixes = false;              // else one of random length, 1 to all of its characters
  bool first_queries = false;             // a session's first query is a row too, with an empty `previous`
  SessionSplit split = {};
  std::uint64_t seed = 0;
};

struct QueryPair {
  std::string_view previous, prefix, next;
  std::int64_t time = 0;  // of `next`, seconds since 1970
};

struct SessionCounts {
  CorpusCounts lines;
  std::uint64_t sessions = 0;
  std::uint64_t repeated = 0;  // queries left out because they equal the one before
  std::uint64_t unusable = 0;  // queries left out because they were empty or too long
  std::uint64_t rows[3] = {};  // by SplitPart
};

// Calls `use` for each row, in the order of the log, and counts the `next` of the pairs of train (each pair once) in
// `next_queries`.
using UsePair = std::function<void(SplitPart part, const QueryPair& pair)>;
SessionCounts make_pairs(const CorpusInput& log, const SessionOptions& options, const UsePair& use,
                         StringCounts& next_queries, Parallel& parallel);

}  // namespace xmr
