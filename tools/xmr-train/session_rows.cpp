#include "xmr-train/session_rows.hpp"

#include <algorithm>
#include <span>
#include <string_view>

#include "xmr/featurize/corpus_rows.hpp"
#include "xmr/io/corpus.hpp"
#include "xmr/util/error.hpp"

namespace xmr::tools {

bool read_session_rows(LineBlocks& lines, LineBlock& block, const std::function<void(const CompletionRow&)>& use) {
  if (!lines.next(block)) return false;
  RowReader reader(CorpusColumns("previous,prefix,next", false), InvalidUtf8::replace, {"previous", "prefix", "next"});
  for (const Line line : block) {
    const std::span<const std::string_view> texts = reader.read({lines.name(), line.number}, line.text);
    use({texts[0], texts[1], texts[2]});
  }
  return true;
}

SessionRows SessionRows::read(const std::string& path) {
  SessionRows kept;
  LineBlocks lines = open_corpus(path);
  const auto keep = [&kept](CompletionRow row) {
    if (!kept.rows.empty() && kept.rows.back().next == row.previous) {
      const CompletionRow& before = kept.rows.back();
      row.earlier.front() = before.previous;
      std::copy(before.earlier.begin(), before.earlier.end() - 1, row.earlier.begin() + 1);
    }
    kept.rows.push_back(row);
  };
  while (read_session_rows(lines, kept.blocks.emplace_back(), keep)) {
  }
  if (kept.rows.empty()) throw DataError(lines.name(), "no rows");
  return kept;
}

}  // namespace xmr::tools
