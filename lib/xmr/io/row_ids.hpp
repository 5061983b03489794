#pragma once
// Ids of rows: a file with one id a line, where line r+1 is the id of row r. Ids are unique and not empty.
//
//   const RowIds ids = RowIds::read("ids.txt");
//   ids[3]; ids.find("q17");
//
// Thread rule: const methods from any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "xmr/io/names.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

class RowIds {
 public:
  // The maximum number of ids.
  static constexpr std::uint64_t kMaxIds = 0xFFFFFFFF;

  // Reads a file (any InputFile path). If an id is empty or repeated, throws DataError with the line.
  static RowIds read(const std::string& path);
  // The same. Throws DataError unless there are as many ids as `owner` has rows.
  static RowIds read(const std::string& path, std::uint64_t rows, std::string_view owner);

  std::uint64_t size() const { return ids_.size(); }
  std::string_view operator[](Row row) const { return ids_.key(static_cast<LabelId>(row)); }
  std::optional<Row> find(std::string_view id) const;
  // Adds the id of the next row. If it is empty or repeated, or there are kMaxIds, throws DataError; `file` and `line`
  // are its place. If `line` is 0, the error names the row.
  void add(std::string_view id, std::string_view file, std::uint64_t line);
  // Writes the file.
  void write(const std::string& path) const;

 private:
  LabelNames ids_;
};

}  // namespace xmr
