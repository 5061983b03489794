#include "xmr/io/row_ids.hpp"

#include <fmt/format.h>

#include "xmr/io/file.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {

RowIds RowIds::read(const std::string& path) {
  RowIds ids;
  InputFile file(path);
  if (const FileKind kind = recognize(file.peek(64)); kind == FileKind::npz || kind == FileKind::npy)
    throw DataError(file.name(), "is a file of arrays; ids of rows are text, one a line");
  LineBlocks input(std::move(file));
  for (LineBlock block; input.next(block);)
    for (const Line line : block)
      ids.add(line.text, input.name(), line.number);
  if (ids.size() == 0) throw DataError(input.name(), "holds no id of a row");
  return ids;
}

RowIds RowIds::read(const std::string& path, std::uint64_t rows, std::string_view owner) {
  RowIds ids = read(path);
  if (ids.size() != rows) throw DataError(path, fmt::format("{} ids, but {} has {} rows", ids.size(), owner, rows));
  return ids;
}

std::optional<Row> RowIds::find(std::string_view id) const {
  const std::optional<LabelId> row = ids_.find(id);
  return row ? std::optional<Row>(*row) : std::nullopt;
}

void RowIds::add(std::string_view id, std::string_view file, std::uint64_t line) {
  const std::string name(file);
  const auto fail = [&](const std::string& what) {
    if (line == 0) throw DataError(name, fmt::format("row {}: {}", size(), what));
    throw DataError(name, line, what);
  };
  if (id.empty()) fail("the id of the row is empty");
  if (const auto same = find(id)) fail(fmt::format("id {} is repeated; row {} has it", quote(id), *same));
  if (size() == kMaxIds) fail("more ids of rows than 32 bits can number");
  ids_.add(id, "", 0);
}

void RowIds::write(const std::string& path) const {
  OutputFile out(path);
  for (Row row = 0; row < size(); ++row) {
    out.write((*this)[row]);
    out.write("\n");
  }
  out.commit();
}

}  // namespace xmr
