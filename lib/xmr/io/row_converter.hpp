#pragma once
// Corpora in other forms than TSV without a header, turned into it while they are read.
//
//   csv          RFC 4180: fields in quotes may hold separators, line breaks and doubled quotes, or \" for a quote. The
//                separator is , ; TAB or |, whichever the first line has most of. If each separator of the first line, or
//                of the second, has a blank behind it, blanks behind separators are left out.
//   tsv          lines with fields by TAB; a whole field in quotes is the text in the quotes
//   json-lines   objects, one a line, over several lines or in an array; a list of labels is an array of texts or
//                numbers. NaN and Infinity are null (repaired_json.hpp). Lines of actions of Elasticsearch's bulk format
//                are left out.
//   fasttext     tokens __label__key, then text
//
// A field of labels that is a list as Python, NumPy or PostgreSQL prints it, ['a', 'b'] or {a,b}, is that list. Excel's
// line `sep=;` before the header is left out, so is a line that repeats the header. Fields \N, NaN, NULL and <NA>,
// without quotes, are empty.
//
// The columns of csv and tsv are named by the first line if their sources are named (CorpusColumns), else by position;
// columns of json-lines are keys, "a.b" the key b of the object a, or of each object of the list a. A source
// "title+body" is both, joined by a blank. Empty lines are no rows.
//
// The output is a line for each record: its columns in the order of their names, separated by TAB. Line breaks and TABs
// inside a field become blanks. A list of labels begins with kListMark, which also stands between its items. A record
// that cannot be read becomes a line of kErrorMark, the fault and, if there is a hint, kErrorMark and the hint;
// refuse_unread_record() throws it.
// Errors: DataError for a first line that does not name the columns. Thread rule: one thread at a time per object.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/io/corpus.hpp"

namespace xmr {

enum class RowFormat : std::uint8_t { automatic, tsv, csv, json_lines, fasttext };
// ConfigError for an unknown name: auto, tsv, csv, json-lines, fasttext.
RowFormat parse_row_format(std::string_view name);

// Returns the format for the ending of a file's name: .csv, .tsv, .json and others, also packed; else automatic.
RowFormat format_of_name(const std::string& file);

inline constexpr std::string_view kErrorMark = "\x1e\x1f\x1e";
// Throws the DataError that a line holds; returns if it holds none.
void refuse_unread_record(LinePlace place, std::string_view line);

class RowConverter {
 public:
  virtual ~RowConverter() = default;

  // The length of the whole records at the start of `text`, which begins with a record, or 0.
  // `is_last`: the text ends with the input.
  virtual std::size_t whole_records(std::string_view text, bool is_last) const = 0;
  // Appends a line for each record, and to `numbers` the line of the input where it begins.
  void convert(std::string_view records, std::uint64_t first_line, std::string& out,
               std::vector<std::uint64_t>& numbers);
  // At the end of the input. DataError for a column that no record had.
  virtual void finish() const {}
  // The length of the first record of `records`, which are whole.
  virtual std::size_t first_record(std::string_view records) const;
  // True until the first line, which names the columns, has been converted.
  virtual bool needs_header() const { return false; }

 protected:
  // Appends the line of a record without its line break; false if it makes none.
  virtual bool convert_record(std::string_view record, LinePlace place, std::string& out) = 0;
  explicit RowConverter(std::string file) : file_(std::move(file)) {}
  const std::string& file() const { return file_; }

 private:
  std::string file_;
};

// Returns null for lines of TSV without conversion. `automatic` is decided by the file's name, then by `start`, its
// first bytes; without named sources it is TSV.
// DataError for a file whose name says CSV or JSON, while no column is named.
std::unique_ptr<RowConverter> make_row_converter(const std::string& file, const CorpusColumns& columns,
                                                 RowFormat format, std::string_view start);

}  // namespace xmr
