#include "xmr/predict/text_instances.hpp"

#include <utility>

#include "xmr/util/error.hpp"

namespace xmr {

TextInstances::TextInstances(QueryReader reader, LineBlocks input, Block block)
    : reader_(std::move(reader)), input_(std::move(input)), block_(block) {}

// Appends the next lines to lines_. An array file is recognised here, by the first block: looking ahead would wait for
// more than one line of a stream.
bool TextInstances::read_lines() {
  LineBlock& text = block_ == Block::whole_input || texts_.empty() ? texts_.emplace_back() : texts_.front();
  if (!input_.next(text)) return false;
  odd_lines_.find(text, input_.name());
  const FileKind kind = text.first_line == 1 ? recognize(text.text) : FileKind::text;
  if (kind == FileKind::npz || kind == FileKind::npy)
    throw DataError(input_.name(), "is a file of arrays, not text", "features are given with -x");
  for (const Line line : text)
    lines_.push_back(line);
  return true;
}

Row TextInstances::next_block() {
  first_ += rows_;
  if (first_ == lines_.size()) {
    lines_.clear();
    first_ = 0;
    if (block_ == Block::whole_input)
      while (read_lines()) {
      }
    else
      read_lines();
  }
  rows_ = block_ == Block::single_line && !lines_.empty() ? 1 : lines_.size() - first_;
  return rows_;
}

std::string_view TextInstances::id(Row row) {
  if (!reader_.reads_ids()) return {};
  try {
    return reader_.id(place(row), line(row).text);
  } catch (const DataError&) {
    return {};  // a bad row that is to be skipped: read() has reported it
  }
}

}  // namespace xmr
