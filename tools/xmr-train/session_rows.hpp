#pragma once
// Rows (previous, prefix, next) of xmr-featurize sessions, or (previous, prefix, next, time), kept in memory.
//
//   const SessionRows kept = SessionRows::read("valid.tsv");
//   for (const CompletionRow& row : kept.rows) ...
//
// Errors: IoError; DataError with the line for a wrong number of columns or a bad time, and for a file without rows.
// Thread rule: one thread.

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "xmr/featurize/corpus_rows.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/train/completion_fit.hpp"

namespace xmr::tools {

// Reads a file of rows. The first row tells whether rows have a time.
class SessionRowReader {
 public:
  explicit SessionRowReader(const std::string& path);

  const std::string& name() const { return lines_.name(); }
  // Calls use(row) for each row of the next block of lines; the texts of rows point into it. Returns false at the end.
  bool next(LineBlock& block, const std::function<void(const CompletionRow&)>& use);

 private:
  LineBlocks lines_;
  std::optional<RowReader> reader_;
  bool has_times_ = false;
};

struct SessionRows {
  // A row whose previous query is the next one of the row before continues its session, and has its earlier queries.
  static SessionRows read(const std::string& path);

  std::deque<LineBlock> blocks;  // that the texts of rows point into
  std::vector<CompletionRow> rows;
};

}  // namespace xmr::tools
