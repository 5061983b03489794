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
#include "xmr/io/printed_list.hpp"
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

// The length of the record at the start of CSV, with its line break; npos if more text is needed.
std::size_t csv_record(std::string_view text, char separator) {
  std::size_t i = 0;
  while (true) {
    if (i < text.size() && text[i] == '"') {
      for (++i;; i += 2) {
        i = text.find('"', i);
        if (i == std::string_view::npos || i + 1 == text.size()) return std::string_view::npos;
        if (text[i + 1] != '"') break;
      }
      ++i;
    }
    while (i < text.size() && text[i] != separator && text[i] != '\n')
      ++i;
    if (i == text.size()) return std::string_view::npos;
    if (text[i++] == '\n') return i;
  }
}

// Fields by separator. Quotes count at the start of a field.
class SeparatedRows : public RowConverter {
 public:
  SeparatedRows(std::string file, const CorpusColumns& columns, char separator, bool has_quotes)
      : RowConverter(std::move(file)), columns_(columns), separator_(separator), has_quotes_(has_quotes) {
    if (columns.sources().empty())
      for (std::size_t i = 0; i < columns.size(); ++i)
        places_.push_back({i});
  }

  bool needs_header() const override { return places_.empty(); }

  std::size_t whole_records(std::string_view text, bool is_last) const override {
    if (is_last || !has_quotes_) return whole_lines(text, is_last);
    std::size_t end = 0;
    for (std::size_t length = 0; (length = csv_record(text.substr(end), separator_)) != std::string_view::npos;)
      end += length;
    return end;
  }

 protected:
  bool convert_record(std::string_view record, LinePlace place, std::string& out) override {
    if (record.empty()) return false;
    constexpr std::string_view kExcelSeparator = "sep=";
    if (places_.empty() && has_quotes_ && record.size() == kExcelSeparator.size() + 1 &&
        record.starts_with(kExcelSeparator)) {
      separator_ = record.back();
      return false;
    }
    split(record, place);
    if (places_.empty()) {
      find_columns(place);
      return false;
    }
    if (fields_.size() != width_ && width_ > 0)
      throw DataError(place.file, place.line, fmt::format("{} columns, but line 1 has {}", fields_.size(), width_));
    if (width_ == 0 && fields_.size() != columns_.size())
      throw DataError(place.file, place.line,
                      fmt::format("{} columns in a row of {} columns ({})", fields_.size(), columns_.size(),
                                  fmt::join(columns_.names(), ",")));
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (i > 0) out += '\t';
      for (std::size_t j = 0; j < places_[i].size(); ++j) {
        if (j > 0) out += ' ';
        const std::string& field = fields_[places_[i][j]];
        if (columns_.names()[i] != "labels" || !append_printed_list(field, out)) append_field(field, out);
      }
    }
    return true;
  }

 private:
  // Without line breaks and TABs.
  static void append_field(std::string_view field, std::string& out) {
    const std::size_t begin = out.size();
    out += field;
    std::replace_if(
        out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
        [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  }

  void split(std::string_view record, LinePlace place) {
    fields_.clear();
    for (std::size_t i = 0;; ++i) {
      std::string& field = fields_.emplace_back();
      if (has_quotes_ && i < record.size() && record[i] == '"') i = unquote(record, i + 1, place, field);
      const std::size_t end = std::min(record.find(separator_, i), record.size());
      field += record.substr(i, end - i);
      i = end;
      if (i == record.size()) return;
    }
  }

  // Appends what is in quotes; returns the place behind the closing one.
  static std::size_t unquote(std::string_view record, std::size_t i, LinePlace place, std::string& field) {
    while (true) {
      const std::size_t quote = record.find('"', i);
      if (quote == std::string_view::npos)
        throw DataError(place.file, place.line, "a quote is opened and not closed",
                        "a file without quoted fields is read with --format tsv");
      field += record.substr(i, quote - i);
      i = quote + 1;
      if (i >= record.size() || record[i] != '"') return i;
      field += '"';
      ++i;
    }
  }

  void find_columns(LinePlace place) {
    width_ = fields_.size();
    for (const std::vector<std::string>& sources : columns_.sources()) {
      std::vector<std::size_t> found;
      for (const std::string& source : sources) {
        const auto at = std::ranges::find(fields_, source);
        if (at != fields_.end() && std::find(at + 1, fields_.end(), source) != fields_.end())
          throw DataError(place.file, place.line, fmt::format("the column {} is named twice", quote(source)));
        if (at == fields_.end())
          throw DataError(
              place.file, place.line,
              fmt::format("no column {}; the first line has {}", quote(source), fmt::join(quoted(fields_), ", ")),
              "--columns text=NAME,labels=NAME takes names of the first line");
        found.push_back(static_cast<std::size_t>(at - fields_.begin()));
      }
      places_.push_back(std::move(found));
    }
  }

  static std::vector<std::string> quoted(const std::vector<std::string>& fields) {
    std::vector<std::string> names;
    for (const std::string& field : fields)
      names.push_back(quote(field));
    return names;
  }

  CorpusColumns columns_;
  char separator_;
  bool has_quotes_;
  std::size_t width_ = 0;                         // of the first line; 0: it is a row
  std::vector<std::vector<std::size_t>> places_;  // of each column's sources
  std::vector<std::string> fields_;
};

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

// The separator that the first line has most of, outside quotes.
char separator_of(std::string_view start) {
  constexpr std::string_view kSeparators = ",;\t|";
  std::array<std::size_t, 4> counts{};
  bool quoted = false;
  for (const char c : start) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n') break;
    if (const std::size_t at = kSeparators.find(c); at != std::string_view::npos) ++counts[at];
  }
  return kSeparators[static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin())];
}

RowFormat format_of(const std::string& file, std::string_view start) {
  std::string name = file;
  if (unpacked_name(file) != file + ".unpacked") name = unpacked_name(file);
  if (name.ends_with(".csv")) return RowFormat::csv;
  if (name.ends_with(".tsv") || name.ends_with(".tab")) return RowFormat::tsv;
  if (name.ends_with(".jsonl") || name.ends_with(".ndjson") || name.ends_with(".json")) return RowFormat::json_lines;
  const std::size_t first = start.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && (start[first] == '{' || start[first] == '[')) return RowFormat::json_lines;
  return separator_of(start) == '\t' ? RowFormat::tsv : RowFormat::csv;
}

}  // namespace

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
    if (line == 1) record = without_mark(record);
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
      (out += fault) += '\n';
      numbers.push_back(line);
    }
    line += breaks;
  }
}

std::unique_ptr<RowConverter> make_row_converter(const std::string& file, const CorpusColumns& columns,
                                                 RowFormat format, std::string_view start) {
  start = without_mark(start);
  if (format == RowFormat::automatic) format = columns.sources().empty() ? RowFormat::tsv : format_of(file, start);
  switch (format) {
    case RowFormat::csv:
      return std::make_unique<SeparatedRows>(file, columns, separator_of(start), true);
    case RowFormat::json_lines:
      return make_json_rows(file, columns, start);
    case RowFormat::fasttext:
      return std::make_unique<FastTextRows>(file, columns);
    case RowFormat::tsv:
    case RowFormat::automatic:
      break;
  }
  if (columns.sources().empty()) return nullptr;
  return std::make_unique<SeparatedRows>(file, columns, '\t', false);
}

}  // namespace xmr
