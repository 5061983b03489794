#pragma once
// Rows (previous, prefix, next) of xmr-featurize sessions, kept in memory.
//
//   const SessionRows kept = SessionRows::read("valid.tsv");
//   for (const CompletionRow& row : kept.rows) ...
//
// Errors: IoError; DataError with the line for a wrong number of columns, and for a file without rows. Thread rule: one
// thread.

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "xmr/io/lines.hpp"
#include "xmr/train/completion_fit.hpp"

namespace xmr::tools {

// Calls use(row) for each row of the next block of lines; the texts of rows point into it. Returns false at the end.
bool read_session_rows(LineBlocks& lines, LineBlock& block, const std::function<void(const CompletionRow&)>& use);

struct SessionRows {
  // A row whose previous query is the next one of the row before continues its session, and has its earlier queries.
  static SessionRows read(const std::string& path);

  std::deque<LineBlock> blocks;  // that the texts of rows point into
  std::vector<CompletionRow> rows;
};

}  // namespace xmr::tools
