#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "xmr/io/lines.hpp"
#include "xmr/io/ordered_blocks.hpp"
#include "xmr/sparse/text_matrix.hpp"
#include "xmr/sparse/text_matrix_row.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kMaxTextRows = std::uint64_t{1} << 62;
constexpr std::size_t kLongestHeader = 4096;  // the limit of InputFile::peek()

struct Header {
  TextForm form;
  std::uint64_t rows = 0, features = 0, labels = 0;
};

// Returns the command that takes the header off.
std::string headless(const std::string& file) {
  if (file == "<stdin>") return "without its header the text is svmlight: tail -n +2";
  return fmt::format("without its header the file is svmlight: tail -n +2 {} > {}", shell_word(file),
                     shell_word(file + ".svm"));
}

std::uint64_t header_number(const std::string& file, std::string_view text, std::string_view what, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || number > most)
    throw DataError(file, 1, fmt::format("{} {} in the header, 0..{} is allowed", quote(text), what, most));
  return number;
}

// The header, if the form has one. `start`: the beginning of the file.
std::optional<Header> read_header(const std::string& file, std::string_view start, std::optional<TextForm> form) {
  const std::optional<TextHeader> numbers = find_text_header(start.substr(0, start.find('\n')));
  const TextForm found = !numbers ? TextForm::svmlight : numbers->size() == 3 ? TextForm::xmc : TextForm::matrix;
  if (form.value_or(found) == TextForm::svmlight) return std::nullopt;
  if (form && *form != found)
    throw DataError(file, 1,
                    *form == TextForm::xmc ? "three integers are needed: rows features labels"
                                           : "two integers are needed: rows columns",
                    found == TextForm::svmlight ? "--format svmlight has no header"
                                                : fmt::format("--format {} has this header", name_of(found)));
  const std::uint64_t features = header_number(file, (*numbers)[1], "features", kMaxColumns);
  return Header{found, header_number(file, (*numbers)[0], "rows", kMaxTextRows), features,
                found == TextForm::xmc ? header_number(file, (*numbers)[2], "labels", kMaxColumns) : 0};
}

// Number of columns, if it is known before the rows are: the header's or the caller's, which must not contradict each
// other.
std::optional<std::uint64_t> columns(const std::string& file, std::string_view what, std::optional<std::uint64_t> asked,
                                     std::optional<std::uint64_t> said) {
  if (asked && *asked > kMaxColumns)
    throw ConfigError(fmt::format("{}: {} is outside 0..{}", what, *asked, kMaxColumns));
  if (asked && said && *asked != *said)
    throw DataError(file, 1, fmt::format("the header says {} {}, {} are asked for", *said, what, *asked),
                    fmt::format("leave out --{}-count", what.substr(0, what.size() - 1)));
  return said ? said : asked;
}

// The rows of a block of lines.
struct Parsed {
  RowEntries features, labels;
  std::uint64_t bad_rows = 0;
  std::string first_bad_row;  // its fault
  std::vector<std::string> queries;
  bool has_feature_0 = false, has_label_0 = false, has_labels = false;
};

// Warns of svmlight text whose ids may count from 1: they are read from 0.
class FirstIds {
 public:
  void add(const Parsed& rows) {
    feature_0_ |= rows.has_feature_0;
    label_0_ |= rows.has_label_0;
    labels_ |= rows.has_labels;
  }
  void report(const std::string& file, Observer& observer) const {
    if (!feature_0_ && !label_0_ && labels_)
      observer.warn(
          fmt::format("{}: no row has feature 0 or label 0; if ids count from 1: --first-feature 1 "
                      "--first-label 1",
                      file));
  }

 private:
  bool feature_0_ = false, label_0_ = false, labels_ = false;
};

CsrMatrix matrix_of(const RowEntries& rows) {
  std::vector<Offset> indptr{0};
  indptr.insert(indptr.end(), rows.ends.begin(), rows.ends.end());
  return {rows.width, std::move(indptr), rows.columns, rows.values};
}

// Gives all pieces `columns` columns, or, if that is not known, as many as the widest one has.
std::uint64_t unite(std::vector<CsrMatrix>& pieces, std::optional<std::uint64_t> columns) {
  std::uint64_t widest = 0;
  for (const CsrMatrix& piece : pieces)
    widest = std::max(widest, piece.cols());
  for (CsrMatrix& piece : pieces)
    piece.set_cols(columns.value_or(widest));
  return columns.value_or(widest);
}

void parse_block(const LineBlock& block, const std::string& file, const TextRowParser& parser,
                 const std::optional<Header>& header, const TextInput& how, Parsed& out) {
  out.features.clear();
  out.labels.clear();
  out.queries.clear();
  out.bad_rows = 0;
  std::string query;
  for (const Line line : block) {
    if (header && line.number == 1) continue;
    if (header && line.number - 1 > header->rows)
      throw DataError(file, line.number,
                      fmt::format("row {}, but the header says {} rows", line.number - 1, header->rows),
                      headless(file));
    try {
      if (parser.parse(line, out.features, out.labels, how.query_ids ? &query : nullptr) && how.query_ids)
        out.queries.push_back(query);
    } catch (const DataError& error) {
      if (!how.skip_bad_rows) throw;
      out.features.drop_row();
      out.labels.drop_row();
      if (out.bad_rows++ == 0) out.first_bad_row = error.what();
    }
  }
  const auto has_0 = [](const RowEntries& rows) { return std::ranges::find(rows.columns, 0U) != rows.columns.end(); };
  out.has_feature_0 = has_0(out.features);
  out.has_label_0 = has_0(out.labels);
  out.has_labels = !out.labels.columns.empty();
}

}  // namespace

std::optional<TextHeader> find_text_header(std::string_view first_line) {
  TextHeader found;
  while (true) {
    const std::size_t begin = first_line.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) break;
    first_line.remove_prefix(begin);
    const std::string_view token = first_line.substr(0, first_line.find_first_of(" \t\r"));
    if (found.size() == 3 || token.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    found.push_back(token);
    first_line.remove_prefix(token.size());
  }
  if (found.size() < 2) return std::nullopt;
  return found;
}

TextMatrices read_text_matrices(InputFile input, const TextInput& how, Parallel& parallel) {
  const std::string file = input.name();
  const std::string_view start = without_mark(input.peek(kLongestHeader));
  if (start.empty()) throw DataError(file, "is empty, at least one row is needed");
  const std::optional<Header> header = read_header(file, start, how.form);
  const auto said = [&](std::uint64_t Header::*number) {
    return header ? std::optional((*header).*number) : std::nullopt;
  };
  const auto features = columns(file, "features", how.features, said(&Header::features));
  const auto labels = columns(file, "labels", how.labels, said(&Header::labels));
  TextMatrices result;
  result.form = header ? header->form : TextForm::svmlight;
  const TextRowParser parser(
      file, result.form, {"feature", ' ', how.dialect.first_feature, features.value_or(kMaxColumns)},
      {"label", ',', how.dialect.first_label, labels.value_or(kMaxColumns)}, how.dialect.label_weights);

  std::string first_bad_row;
  FirstIds first_ids;
  const Phase phase(parallel.observer(), "read", header ? header->rows : 0, "rows");
  LineBlocks blocks(std::move(input));
  for_blocks_in_order<Parsed>(
      blocks, parallel,
      [&](const LineBlock& block, Parsed& out, unsigned) { parse_block(block, file, parser, header, how, out); },
      [&](const Parsed& rows) {
        result.x.push_back(matrix_of(rows.features));
        result.y.push_back(matrix_of(rows.labels));
        result.rows += rows.features.ends.size();
        result.query_ids.insert(result.query_ids.end(), rows.queries.begin(), rows.queries.end());
        first_ids.add(rows);
        if (result.skipped_rows == 0) first_bad_row = rows.first_bad_row;
        result.skipped_rows += rows.bad_rows;
        parallel.observer().advance(rows.features.ends.size());
      });
  if (const std::uint64_t seen = result.rows + result.skipped_rows; header && seen < header->rows)
    throw DataError(file, fmt::format("{} rows, but the header says {}", seen, header->rows), headless(file));
  if (result.rows == 0) throw DataError(file, "has no row, at least one is needed");
  if (!header && how.dialect.first_feature == 0 && how.dialect.first_label == 0)
    first_ids.report(file, parallel.observer());
  if (result.skipped_rows > 0)
    parallel.observer().warn(fmt::format("{} bad rows left out, the first: {}", result.skipped_rows, first_bad_row));
  result.features = unite(result.x, features);
  result.labels = unite(result.y, labels);
  return result;
}

}  // namespace xmr
