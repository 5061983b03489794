#include "xmr/io/separated_rows.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "xmr/io/lines.hpp"
#include "xmr/io/printed_list.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;
constexpr const char* kSkip = "--skip-bad-rows leaves such rows out";

struct CsvStyle {
  char separator;
  bool skips_blanks;  // each separator of the first line, or of the second, has a blank behind it
};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' '))
    text.remove_prefix(1);
  while (text.ends_with(' '))
    text.remove_suffix(1);
  return text;
}

bool has_blanks_behind(std::string_view line, char separator) {
  bool has_separator = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != separator) continue;
    has_separator = true;
    if (i + 1 == line.size() || line[i + 1] != ' ') return false;
  }
  return has_separator;
}

CsvStyle style_of(std::string_view start) {
  const char separator = separator_of(start);
  const std::size_t end = std::min(start.find('\n'), start.size());
  const std::string_view rest = start.substr(std::min(end + 1, start.size()));
  return {separator, has_blanks_behind(start.substr(0, end), separator) ||
                         has_blanks_behind(rest.substr(0, rest.find('\n')), separator)};
}

bool is_escaped(std::string_view text, std::size_t begin, std::size_t quote) {
  std::size_t count = 0;
  while (quote - count > begin && text[quote - count - 1] == '\\')
    ++count;
  return count % 2 == 1;
}

// A quote inside a quoted field that begins at `begin`.
enum class QuoteRole : std::uint8_t { closing, doubled, escaped };
// MySQL and Spark write \" for a quote. A backslash before a closing quote is text: a separator or a line end follows.
QuoteRole role_of(std::string_view text, std::size_t begin, std::size_t quote, char separator) {
  if (quote + 1 == text.size()) return QuoteRole::closing;
  const char next = text[quote + 1];
  if (next == '"') return QuoteRole::doubled;
  const bool ends = next == separator || next == '\n' || next == '\r';
  return !ends && is_escaped(text, begin, quote) ? QuoteRole::escaped : QuoteRole::closing;
}

// Returns the length of the record at the start of CSV, with its line break; npos if more text is needed.
std::size_t csv_record(std::string_view text, CsvStyle style) {
  std::size_t i = 0;
  while (true) {
    while (style.skips_blanks && i < text.size() && text[i] == ' ')
      ++i;
    if (i < text.size() && text[i] == '"') {
      const std::size_t begin = ++i;
      while (true) {
        i = text.find('"', i);
        if (i == kNowhere || i + 1 == text.size()) return kNowhere;
        const QuoteRole role = role_of(text, begin, i, style.separator);
        i += role == QuoteRole::doubled ? 2 : 1;
        if (role == QuoteRole::closing) break;
      }
    }
    while (i < text.size() && text[i] != style.separator && text[i] != '\n')
      ++i;
    if (i == text.size()) return kNowhere;
    if (text[i++] == '\n') return i;
  }
}

// The words that PostgreSQL, MySQL, pandas and R write for a missing value.
bool is_missing(std::string_view field) {
  return field == "\\N" || field == "NaN" || field == "NULL" || field == "<NA>";
}

class SeparatedRows : public RowConverter {
 public:
  SeparatedRows(std::string file, const CorpusColumns& columns, CsvStyle style, bool is_csv)
      : RowConverter(std::move(file)), columns_(columns), style_(style), is_csv_(is_csv) {
    if (columns.sources().empty())
      for (std::size_t i = 0; i < columns.size(); ++i)
        places_.push_back({i});
  }

  bool needs_header() const override { return places_.empty(); }

  std::size_t whole_records(std::string_view text, bool is_last) const override {
    if (is_last) return text.size();
    if (!is_csv_) return text.rfind('\n') + 1;  // npos + 1 is 0
    std::size_t end = 0;
    for (std::size_t length = 0; (length = csv_record(text.substr(end), style_)) != kNowhere;)
      end += length;
    return end;
  }

 protected:
  bool convert_record(std::string_view record, LinePlace place, std::string& out) override {
    if (record.empty()) return false;
    constexpr std::string_view kExcelSeparator = "sep=";
    if (places_.empty() && is_csv_ && record.size() == kExcelSeparator.size() + 1 &&
        record.starts_with(kExcelSeparator)) {
      style_.separator = record.back();
      return false;
    }
    if (width_ > 1 && record == header_) return false;  // files with headers, one behind the other
    split(record, place);
    if (places_.empty()) {
      header_ = record;
      find_columns(place);
      return false;
    }
    require_width(record, place);
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (i > 0) out += '\t';
      const bool is_list = columns_.names()[i] == "labels";
      for (std::size_t j = 0; j < places_[i].size(); ++j) {
        const std::string& field = fields_[places_[i][j]];
        if (is_list && append_printed_list(field, out)) continue;
        if (is_list) require_no_objects(field, place);
        if (is_list && places_[i].size() > 1) {
          if (!field.empty()) append_field(field, out += kListMark);
          continue;
        }
        if (j > 0) out += ' ';
        append_field(field, out);
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

  void require_width(std::string_view record, LinePlace place) const {
    const std::size_t needed = width_ > 0 ? width_ : columns_.size();
    const std::size_t found = fields_.size();
    if (found == needed) return;
    const bool has_quote = record.find('"') != kNowhere;
    const std::string hint =
        is_csv_ || !has_quote ? kSkip : fmt::format("--format csv reads fields in quotes; {}", kSkip);
    if (width_ > 0) {
      const auto is_empty = [](const std::string& field) { return field.empty(); };
      if (found > needed && std::all_of(fields_.begin() + static_cast<std::ptrdiff_t>(needed), fields_.end(), is_empty))
        return;  // separators at the end of the line
      throw DataError(place.file, place.line, fmt::format("{} columns, but line 1 has {}", found, needed), hint);
    }
    throw DataError(
        place.file, place.line,
        fmt::format("{} columns in a row of {} columns ({})", found, needed, fmt::join(columns_.names(), ",")),
        "--columns text=NAME,labels=NAME takes names of the first line, \"-\" in a list of names is not read");
  }

  static void require_no_objects(std::string_view field, LinePlace place) {
    if (!field.starts_with("[{") && !field.starts_with("{'") && !field.starts_with("{\"")) return;
    throw DataError(place.file, place.line,
                    fmt::format("labels {}: objects, texts or numbers are needed", quote(field)),
                    fmt::format("python3 -c 'import ast,csv,json,sys; [print(json.dumps({{k: [o[\"name\"] for o in "
                                "ast.literal_eval(v)] if v[:2] == \"[{{\" else v for k, v in r.items()}})) for r in "
                                "csv.DictReader(open(sys.argv[1]))]' {} > {}",
                                shell_word(place.file), shell_word(std::string(place.file) + ".jsonl")));
  }

  void split(std::string_view record, LinePlace place) {
    fields_.clear();
    for (std::size_t i = 0;; ++i) {
      std::string& field = fields_.emplace_back();
      while (style_.skips_blanks && i < record.size() && record[i] == ' ')
        ++i;
      const bool is_quoted = is_csv_ && i < record.size() && record[i] == '"';
      if (is_quoted) i = unquote(record, i + 1, place, field);
      const std::size_t end = std::min(record.find(style_.separator, i), record.size());
      field += record.substr(i, end - i);
      if (!is_csv_) unquote_whole(field);
      if (!is_quoted && !needs_header() && is_missing(field)) field.clear();
      i = end;
      if (i == record.size()) return;
    }
  }

  // Appends the text in quotes; returns the place behind the closing one.
  std::size_t unquote(std::string_view record, std::size_t begin, LinePlace place, std::string& field) const {
    for (std::size_t i = begin;;) {
      const std::size_t quote = record.find('"', i);
      if (quote == kNowhere)
        throw DataError(place.file, place.line, "a quote is opened and not closed",
                        "a file without quoted fields is read with --format tsv");
      field += record.substr(i, quote - i);
      i = quote + 1;
      switch (role_of(record, begin, quote, style_.separator)) {
        case QuoteRole::closing:
          return i;
        case QuoteRole::doubled:
          ++i;
          break;
        case QuoteRole::escaped:
          field.pop_back();
          break;
      }
      field += '"';
    }
  }

  // pandas and spreadsheets write TSV with quotes where a field holds one.
  static void unquote_whole(std::string& field) {
    if (field.size() < 2 || field.front() != '"' || field.back() != '"') return;
    std::string plain;
    for (std::size_t i = 1; i + 1 < field.size(); ++i) {
      plain += field[i];
      if (field[i] != '"') continue;
      if (i + 2 == field.size() || field[i + 1] != '"') return;
      ++i;
    }
    field = std::move(plain);
  }

  void find_columns(LinePlace place) {
    width_ = fields_.size();
    for (std::string& name : fields_)
      name = trimmed(name);
    for (const std::vector<std::string>& sources : columns_.sources()) {
      std::vector<std::size_t> found;
      for (const std::string& source : sources) {
        const auto at = std::ranges::find(fields_, source);
        if (at != fields_.end() && std::find(at + 1, fields_.end(), source) != fields_.end())
          throw DataError(place.file, place.line, fmt::format("the column {} is named twice", quote(source)),
                          fmt::format("give the first another name: sed {} {} > {}",
                                      shell_word(fmt::format("{}s/{}/first-{}/", place.line, source, source)),
                                      shell_word(place.file), shell_word(std::string(place.file) + ".renamed.csv")));
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
  CsvStyle style_;
  bool is_csv_;
  std::size_t width_ = 0;                         // of the first line; 0: it is a row
  std::string header_;                            // the first line
  std::vector<std::vector<std::size_t>> places_;  // of each column's sources
  std::vector<std::string> fields_;
};

}  // namespace

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

std::unique_ptr<RowConverter> make_csv_rows(const std::string& file, const CorpusColumns& columns,
                                            std::string_view start) {
  return std::make_unique<SeparatedRows>(file, columns, style_of(start), true);
}

std::unique_ptr<RowConverter> make_tsv_rows(const std::string& file, const CorpusColumns& columns) {
  return std::make_unique<SeparatedRows>(file, columns, CsvStyle{'\t', false}, false);
}

}  // namespace xmr
