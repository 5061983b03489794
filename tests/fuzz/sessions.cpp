// A log of queries to rows for autocompletion.
#include "xmr/featurize/session_log.hpp"

#include "fuzz/fuzz.hpp"

FUZZ(bytes) {
  static MemoryFile file;
  static xmr::Parallel parallel(1);
  xmr::CorpusInput log;
  log.paths = {file.holding(bytes)};
  log.columns = xmr::CorpusColumns("session,time,query");
  log.skip_bad_rows = true;
  xmr::SessionOptions options;
  options.form.punctuation = xmr::Punctuation::blank;
  options.all_prefixes = true;
  options.split.test_share = 0.5;
  xmr::StringCounts next;
  make_pairs(
      log, options, [](xmr::SplitPart, const xmr::QueryPair&) {}, next, parallel);
  next.for_each([](std::string_view, std::uint64_t) {});
}
