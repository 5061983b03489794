#include "xmr-train/session_rows.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "xmr/featurize/log_time.hpp"
#include "xmr/io/corpus.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr::tools {

namespace {

RowReader reader_of(bool has_times) {
  std::vector<std::string> wanted = {"previous", "prefix", "next"};
  if (has_times) wanted.emplace_back("time");
  return {CorpusColumns(has_times ? "previous,prefix,next,time" : "previous,prefix,next", false), InvalidUtf8::replace,
          wanted};
}

}  // namespace

SessionRowReader::SessionRowReader(const std::string& path) : lines_(open_corpus(path)) {}

bool SessionRowReader::next(LineBlock& block, const std::function<void(const CompletionRow&)>& use) {
  if (!lines_.next(block)) return false;
  for (const Line line : block) {
    if (!reader_) {
      has_times_ = std::ranges::count(line.text, '\t') == 3;
      reader_.emplace(reader_of(has_times_));
    }
    const std::span<const std::string_view> texts = reader_->read({lines_.name(), line.number}, line.text);
    CompletionRow row{texts[0], texts[1], texts[2]};
    if (has_times_) {
      const std::optional<ParsedTime> time = parse_time(texts[3]);
      if (!time)
        throw DataError(lines_.name(), line.number, fmt::format("time {} is no number of seconds", quote(texts[3])),
                        "make the rows by xmr-featurize sessions --times");
      row.time = time->time.seconds;
    }
    use(row);
  }
  return true;
}

SessionRows SessionRows::read(const std::string& path) {
  SessionRows kept;
  SessionRowReader rows(path);
  const auto keep = [&kept](CompletionRow row) {
    if (!kept.rows.empty() && kept.rows.back().next == row.previous) {
      const CompletionRow& before = kept.rows.back();
      row.earlier.front() = before.previous;
      std::copy(before.earlier.begin(), before.earlier.end() - 1, row.earlier.begin() + 1);
    }
    kept.rows.push_back(row);
  };
  while (rows.next(kept.blocks.emplace_back(), keep)) {
  }
  if (kept.rows.empty()) throw DataError(rows.name(), "no rows");
  return kept;
}

}  // namespace xmr::tools
