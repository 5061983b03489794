#include "xmr/io/row_converter.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "xmr/io/json_rows.hpp"
#include "xmr/io/lines.hpp"
#include "xmr/io/packing.hpp"
#include "xmr/io/separated_rows.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

constexpr std::array<std::string_view, 5> kFormats = {"auto", "tsv", "csv", "json-lines", "fasttext"};

std::size_t whole_lines(std::string_view text, bool is_last) {
  if (is_last) return text.size();
  const std::size_t last = text.rfind('\n');
  return last == std::string_view::npos ? 0 : last + 1;
}

class FastTextRows : public RowConverter {
 public:
  FastTextRows(std::string file, const CorpusColumns& columns) : RowConverter(std::move(file)), columns_(columns) {
    for (const std::string& name : columns.names())
      if (name != "labels" && name != "text")
        throw ConfigError(
            fmt::format("--columns: {} is no column of fastText, which has labels and text", quote(name)));
  }

  std::size_t whole_records(std::string_view text, bool is_last) const override { return whole_lines(text, is_last); }

 protected:
  bool convert_record(std::string_view record, LinePlace, std::string& out) override {
    constexpr std::string_view kLabel = "__label__";
    if (record.empty()) return false;
    labels_.clear();
    text_.clear();
    for (std::size_t i = 0; i < record.size();) {
      const std::size_t end = std::min(record.find_first_of(" \t", i), record.size());
      const std::string_view token = record.substr(i, end - i);
      if (token.starts_with(kLabel)) {
        (labels_ += kListMark) += token.substr(kLabel.size());
      } else if (!token.empty()) {
        if (!text_.empty()) text_ += ' ';
        text_ += token;
      }
      i = end + 1;
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) out += '\t';
      out += columns_.names()[i] == "labels" ? labels_ : text_;
    }
    return true;
  }

 private:
  CorpusColumns columns_;
  std::string labels_, text_;
};

RowFormat format_of(const std::string& file, std::string_view start) {
  const RowFormat named = format_of_name(file);
  if (named != RowFormat::automatic) return named;
  const std::size_t first = start.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && (start[first] == '{' || start[first] == '[')) return RowFormat::json_lines;
  return separator_of(start) == '\t' ? RowFormat::tsv : RowFormat::csv;
}

// Lines of CSV or JSON that are taken for plain text would be learnt with their quotes, ids and keys.
void require_plain_lines(const std::string& file, const CorpusColumns& columns) {
  const RowFormat named = format_of_name(file);
  if (named != RowFormat::csv && named != RowFormat::json_lines) return;
  const bool is_csv = named == RowFormat::csv;
  std::string sources;
  for (const std::string& name : columns.names())
    if (name != "-") sources += fmt::format("{}{}=NAME", sources.empty() ? "" : ",", name);
  throw DataError(file,
                  fmt::format("is {} by its name, and the columns {} have no sources", is_csv ? "CSV" : "JSON",
                              fmt::join(columns.names(), ",")),
                  fmt::format("--columns {}, where NAME is {}; plain lines may come from stdin: cat {} |", sources,
                              is_csv ? "a column of the first line" : "a key of the objects", shell_word(file)));
}

}  // namespace

RowFormat format_of_name(const std::string& file) {
  std::string name = file;
  if (unpacked_name(file) != file + ".unpacked") name = unpacked_name(file);
  if (name.ends_with(".csv")) return RowFormat::csv;
  if (name.ends_with(".tsv") || name.ends_with(".tab")) return RowFormat::tsv;
  if (name.ends_with(".jsonl") || name.ends_with(".ndjson") || name.ends_with(".json")) return RowFormat::json_lines;
  return RowFormat::automatic;
}

RowFormat parse_row_format(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name);
  if (found == kFormats.end())
    throw ConfigError(fmt::format("--format: {} is none of {}", quote(name), fmt::join(kFormats, ", ")));
  return static_cast<RowFormat>(found - kFormats.begin());
}

// As many lines as the record takes, or all that are left.
std::size_t RowConverter::first_record(std::string_view records) const {
  std::size_t length = std::min(records.find('\n'), records.size() - 1) + 1;
  while (length < records.size() && whole_records(records.substr(0, length), false) != length)
    length = std::min(records.find('\n', length), records.size() - 1) + 1;
  return length;
}

void RowConverter::convert(std::string_view records, std::uint64_t first_line, std::string& out,
                           std::vector<std::uint64_t>& numbers) {
  std::uint64_t line = first_line;
  while (!records.empty()) {
    const std::size_t length = first_record(records);
    std::string_view record = records.substr(0, length);
    records.remove_prefix(length);
    const auto breaks = static_cast<std::uint64_t>(std::ranges::count(record, '\n'));
    if (record.ends_with('\n')) record.remove_suffix(1);
    if (record.ends_with('\r')) record.remove_suffix(1);
    record = without_mark(record);
    const std::size_t before = out.size();
    const bool is_header = needs_header();
    try {
      if (convert_record(record, {file_, line}, out)) {
        out += '\n';
        numbers.push_back(line);
      }
    } catch (const DataError& error) {
      if (is_header) throw;
      out.resize(before);
      out += kErrorMark;
      std::string_view fault = error.what();
      const std::string place = fmt::format("{}:{}: ", file_, line);
      if (fault.starts_with(place)) fault.remove_prefix(place.size());
      out += fault;
      if (!error.hint().empty()) (out += kErrorMark) += error.hint();
      out += '\n';
      numbers.push_back(line);
    }
    line += breaks;
  }
}

void refuse_unread_record(LinePlace place, std::string_view line) {
  if (!line.starts_with(kErrorMark)) return;
  line.remove_prefix(kErrorMark.size());
  const std::size_t end = line.find(kErrorMark);
  const std::string_view hint = end == std::string_view::npos ? "" : line.substr(end + kErrorMark.size());
  throw DataError(place.file, place.line, line.substr(0, end), std::string(hint));
}

std::unique_ptr<RowConverter> make_row_converter(const std::string& file, const CorpusColumns& columns,
                                                 RowFormat format, std::string_view start) {
  start = without_mark(start);
  if (format == RowFormat::automatic && columns.sources().empty()) {
    require_plain_lines(file, columns);
    return nullptr;
  }
  if (format == RowFormat::automatic) format = format_of(file, start);
  switch (format) {
    case RowFormat::csv:
      return make_csv_rows(file, columns, start);
    case RowFormat::json_lines:
      return make_json_rows(file, columns, start);
    case RowFormat::fasttext:
      return std::make_unique<FastTextRows>(file, columns);
    case RowFormat::tsv:
    case RowFormat::automatic:
      break;
  }
  if (columns.sources().empty()) return nullptr;
  return make_tsv_rows(file, columns);
}

}  // namespace xmr
