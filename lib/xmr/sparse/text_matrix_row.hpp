#pragma once
// One row of text_matrix.hpp's grammar → entries. Used by read_text_matrices() only.
//
// Memory grows only in the arrays of entries, which the caller reuses. Errors: DataError with
// file and line; the caller drops the entries appended before it. Thread rule: const, from any thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/io/lines.hpp"
#include "xmr/sparse/text_matrix.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

// Entries of some rows, one row after another; the last one may not be finished.
struct RowEntries {
  std::vector<Offset> ends;  // of each row, counted from the first entry here
  std::vector<std::uint32_t> columns;
  std::vector<float> values;
  std::uint64_t width = 0;      // largest column of the finished rows, plus 1; zeros count
  std::uint64_t row_width = 0;  // the same of the row that is not finished

  void clear();
  void add(std::uint32_t column, float value);
  // Brings the row into the order of csr.hpp, sums repeated columns; false if a sum is not finite.
  bool tidy_row();
  void end_row();
  void drop_row();
};

// The columns that a file may use.
struct ColumnRange {
  const char* what;        // "feature" or "label", for messages
  char separator;          // what stands between two of them
  std::uint32_t first_id;  // the id of column 0
  std::uint64_t columns;   // how many there are
};

class TextRowParser {
 public:
  TextRowParser(std::string file, TextForm form, ColumnRange features, ColumnRange labels, bool label_weights);

  // Appends the row to both; false if the line is no row (svmlight: empty or a comment). `query`, unless null: the
  // digits behind qid:, DataError if there are none.
  bool parse(Line line, RowEntries& features, RowEntries& labels, std::string* query) const;

 private:
  struct Cursor;
  bool begins_with_labels(std::string_view text) const;
  void parse_labels(Cursor& at, RowEntries& labels) const;
  std::string_view parse_query_id(Cursor& at) const;
  void parse_features(Cursor& at, RowEntries& features, std::string* query) const;
  std::uint32_t parse_column(Cursor& at, const ColumnRange& range) const;
  float parse_value(Cursor& at, const ColumnRange& range, std::uint32_t column) const;

  std::string file_;
  TextForm form_;
  ColumnRange features_, labels_;
  bool label_weights_;
};

}  // namespace xmr
