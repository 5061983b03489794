#include "xmr/sparse/trec.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <span>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/io/lines.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/plus_sign.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

constexpr std::size_t kRunFields = 6, kQrelFields = 4, kBeirFields = 3;

bool parts_fields(char c) {
  return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r';
}

// Cuts a line at its blanks. Returns the number of fields; those behind the last element of `fields` are not stored.
std::size_t split_fields(std::string_view line, std::span<std::string_view> fields) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t begin = at;
    while (at < line.size() && !parts_fields(line[at]))
      ++at;
    if (at > begin && count++ < fields.size()) fields[count - 1] = line.substr(begin, at - begin);
    while (at < line.size() && parts_fields(line[at]))
      ++at;
  }
  return count;
}

double parse_trec_number(const TrecText& text, std::uint64_t line, std::string_view field, std::string_view what) {
  const std::string_view digits = without_plus(field);
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || !std::isfinite(static_cast<float>(value)))
    throw DataError(text.file, line, fmt::format("{} is not a {}, a finite number is needed", quote(field), what),
                    changed_by(fmt::format("sed {}d", line), text.file, "txt"));
  return value;
}

// A line of a run or of qrels.
struct TrecEntry {
  std::uint32_t row, label;
  std::uint64_t line;
  double value;
  std::string_view name;  // of the label
};

// The hint for a line with another number of fields.
std::string other_fields(const std::string& file, std::string_view line, std::size_t count, std::size_t columns) {
  if (count == 1 && line.find(',') != std::string_view::npos) return changed_by("sed 's/,/\\t/g'", file, "txt");
  if (count == 2 && columns != kRunFields) return changed_by("awk '{print $1, 0, $2, 1}'", file, "txt");
  return "fields are separated by blanks, so ids hold none";
}

// Calls use(line, fields) for each line that is not blank. `what`: the columns, for messages.
template <class Use>
void for_each_trec_line(const TrecText& text, std::size_t columns, std::string_view what, const Use& use) {
  std::array<std::string_view, kRunFields> fields;
  for (LineBlock::Iterator line(text.bytes, 1); line != std::default_sentinel; ++line) {
    const std::size_t count = split_fields((*line).text, fields);
    if (count == 0) continue;
    if (count != columns)
      throw DataError(text.file, (*line).number, fmt::format("{} fields, {} are needed: {}", count, columns, what),
                      other_fields(text.file, (*line).text, count, columns));
    use((*line).number, fields);
  }
}

class TrecEntries {
 public:
  explicit TrecEntries(const TrecText& text) : text_(text) {}

  void add(std::uint64_t line, std::string_view query, std::string_view document, double value) {
    const auto row = text_.row(line, query);
    const auto label = row ? text_.label(line, document) : std::nullopt;
    if (row && label) {
      entries_.push_back({*row, *label, line, value, document});
    } else if (result_.left_out++ == 0) {
      result_.first_left_out = row ? document : query;
    }
  }

  // Returns the rows; entries of a row are in the order of less(a, b).
  template <class Less>
  TrecRows take(const Less& less) {
    refuse_repeated();
    std::ranges::sort(
        entries_, [&](const TrecEntry& a, const TrecEntry& b) { return a.row != b.row ? a.row < b.row : less(a, b); });
    std::uint64_t columns = 0;
    for (const TrecEntry& entry : entries_) {
      while (result_.rows.rows() < entry.row)
        result_.rows.end_row();
      result_.rows.push(entry.label, static_cast<float>(entry.value));
      columns = std::max(columns, std::uint64_t{entry.label} + 1);
    }
    if (!entries_.empty()) result_.rows.end_row();
    result_.rows.set_cols(columns);
    return std::move(result_);
  }

 private:
  void refuse_repeated() {
    std::ranges::sort(entries_, [](const TrecEntry& a, const TrecEntry& b) {
      return std::tie(a.row, a.label, a.line) < std::tie(b.row, b.label, b.line);
    });
    const auto same = [](const TrecEntry& a, const TrecEntry& b) { return a.row == b.row && a.label == b.label; };
    const auto found = std::ranges::adjacent_find(entries_, same);
    if (found != entries_.end())
      throw DataError(text_.file, (found + 1)->line,
                      fmt::format("{} is repeated; line {} has it for the same query", quote(found->name), found->line),
                      changed_by(fmt::format("sed {}d", (found + 1)->line), text_.file, "txt"));
  }

  const TrecText& text_;
  std::vector<TrecEntry> entries_;
  TrecRows result_;
};

void require_field(std::string_view field, std::string_view what) {
  if (field.empty() || std::ranges::any_of(field, [](char c) { return parts_fields(c) || c == '\n'; }))
    throw DataError(
        fmt::format("{} {} cannot stand in a file of TREC, whose fields are separated by blanks", what, quote(field)));
}

}  // namespace

bool is_trec_run(std::string_view bytes) {
  const std::string_view line = bytes.substr(0, bytes.find('\n'));
  constexpr std::ptrdiff_t kTabsOfPredictions = 3;
  std::array<std::string_view, kRunFields> fields;
  return std::ranges::count(line, '\t') != kTabsOfPredictions && split_fields(line, fields) == kRunFields;
}

TrecRows parse_trec_run(const TrecText& text) {
  TrecEntries entries(text);
  for_each_trec_line(text, kRunFields, "query Q0 document rank score tag", [&](std::uint64_t line, const auto& fields) {
    entries.add(line, fields[0], fields[2], parse_trec_number(text, line, fields[4], "score"));
  });
  return entries.take(
      [](const TrecEntry& a, const TrecEntry& b) { return a.value != b.value ? a.value > b.value : a.name > b.name; });
}

TrecRows parse_trec_qrels(const TrecText& text) {
  TrecEntries entries(text);
  std::array<std::string_view, kRunFields> first;
  const std::string_view line = text.bytes.substr(0, text.bytes.find('\n'));
  const bool is_beir = split_fields(line, first) == kBeirFields;
  const bool has_header =
      is_beir && without_plus(first[2]).find_first_not_of("0123456789.+-eE") != std::string_view::npos;
  const auto add = [&](std::uint64_t number, std::string_view query, std::string_view document,
                       std::string_view field) {
    const double relevance = parse_trec_number(text, number, field, "relevance");
    if (relevance >= 0) entries.add(number, query, document, relevance);
  };
  if (is_beir) {
    for_each_trec_line(text, kBeirFields, "query document relevance", [&](std::uint64_t number, const auto& fields) {
      if (number > 1 || !has_header) add(number, fields[0], fields[1], fields[2]);
    });
  } else {
    for_each_trec_line(text, kQrelFields, "query 0 document relevance",
                       [&](std::uint64_t number, const auto& fields) { add(number, fields[0], fields[2], fields[3]); });
  }
  return entries.take([](const TrecEntry& a, const TrecEntry& b) { return a.label < b.label; });
}

CsrMatrix relevant_labels(CsrView judged, std::uint64_t rows) {
  CsrMatrix relevant(judged.cols);
  for (Row row = 0; row < rows; ++row) {
    const SparseRow labels = row < judged.rows ? judged.row(row) : SparseRow{};
    for (std::size_t i = 0; i < labels.size(); ++i)
      if (labels.values[i] > 0) relevant.push(labels.indices[i], labels.values[i]);
    relevant.end_row();
  }
  return relevant;
}

void append_trec_run(std::string& out, std::string_view query, std::string_view document, std::uint64_t rank,
                     float score, std::string_view tag) {
  require_field(query, "the id of a row,");
  require_field(document, "the key of a label,");
  fmt::format_to(std::back_inserter(out), "{} Q0 {} {} {} {}\n", query, document, rank, score, tag);
}

void append_trec_qrel(std::string& out, std::string_view query, std::string_view document, float relevance) {
  require_field(query, "the id of a row,");
  require_field(document, "the key of a label,");
  fmt::format_to(std::back_inserter(out), "{} 0 {} {}\n", query, document, relevance);
}

}  // namespace xmr
