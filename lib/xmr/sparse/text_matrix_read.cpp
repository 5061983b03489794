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
constexpr std::size_t kLongestHeader = 4096;  // what InputFile::peek() gives

struct Header {
  std::uint64_t rows = 0, features = 0, labels = 0;
};

std::uint64_t header_number(const std::string& file, std::string_view text, std::string_view what, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || number > most)
    throw DataError(file, 1, fmt::format("{} {} in the header, 0..{} is allowed", quote(text), what, most));
  return number;
}

// The header, if the form has one. `start`: the beginning of the file.
std::optional<Header> read_header(const std::string& file, std::string_view start, std::optional<TextForm> form) {
  const std::optional<XmcHeader> numbers = find_xmc_header(start.substr(0, start.find('\n')));
  if (form.value_or(numbers ? TextForm::xmc : TextForm::svmlight) == TextForm::svmlight) return std::nullopt;
  if (!numbers) throw DataError(file, 1, "three integers are needed: rows features labels");
  const auto [rows, features, labels] = *numbers;
  return Header{header_number(file, rows, "rows", kMaxTextRows), header_number(file, features, "features", kMaxColumns),
                header_number(file, labels, "labels", kMaxColumns)};
}

// Number of columns, if it is known before the rows are: the header's or the caller's, which must not contradict each
// other.
std::optional<std::uint64_t> columns(const std::string& file, std::string_view what, std::optional<std::uint64_t> asked,
                                     std::optional<std::uint64_t> said) {
  if (asked && *asked > kMaxColumns)
    throw ConfigError(fmt::format("{}: {} is outside 0..{}", what, *asked, kMaxColumns));
  if (asked && said && *asked != *said)
    throw DataError(file, 1, fmt::format("the header says {} {}, {} are asked for", *said, what, *asked));
  return said ? said : asked;
}

// The rows of a block of lines.
struct Parsed {
  RowEntries features, labels;
  std::uint64_t bad_rows = 0;
  std::string first_bad_row;  // what was wrong with it
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
                 const std::optional<Header>& header, bool skip_bad_rows, Parsed& out) {
  out.features.clear();
  out.labels.clear();
  out.bad_rows = 0;
  for (const Line line : block) {
    if (header && line.number == 1) continue;
    if (header && line.number - 1 > header->rows)
      throw DataError(file, line.number,
                      fmt::format("row {}, but the header says {} rows", line.number - 1, header->rows));
    try {
      parser.parse(line, out.features, out.labels);
    } catch (const DataError& error) {
      if (!skip_bad_rows) throw;
      out.features.drop_row();
      out.labels.drop_row();
      if (out.bad_rows++ == 0) out.first_bad_row = error.what();
    }
  }
}

}  // namespace

std::optional<XmcHeader> find_xmc_header(std::string_view first_line) {
  XmcHeader found;
  std::size_t count = 0;
  while (true) {
    const std::size_t begin = first_line.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) break;
    first_line.remove_prefix(begin);
    const std::string_view token = first_line.substr(0, first_line.find_first_of(" \t\r"));
    if (count == found.size() || token.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    found[count++] = token;
    first_line.remove_prefix(token.size());
  }
  if (count < found.size()) return std::nullopt;
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
  result.form = header ? TextForm::xmc : TextForm::svmlight;
  const TextRowParser parser(
      file, result.form, {"feature", ' ', how.dialect.first_feature, features.value_or(kMaxColumns)},
      {"label", ',', how.dialect.first_label, labels.value_or(kMaxColumns)}, how.dialect.label_weights);

  std::string first_bad_row;
  const Phase phase(parallel.observer(), "read", header ? header->rows : 0, "rows");
  LineBlocks blocks(std::move(input));
  for_blocks_in_order<Parsed>(
      blocks, parallel,
      [&](const LineBlock& block, Parsed& out, unsigned) {
        parse_block(block, file, parser, header, how.skip_bad_rows, out);
      },
      [&](const Parsed& rows) {
        result.x.push_back(matrix_of(rows.features));
        result.y.push_back(matrix_of(rows.labels));
        result.rows += rows.features.ends.size();
        if (result.skipped_rows == 0) first_bad_row = rows.first_bad_row;
        result.skipped_rows += rows.bad_rows;
        parallel.observer().advance(rows.features.ends.size());
      });
  if (const std::uint64_t seen = result.rows + result.skipped_rows; header && seen < header->rows)
    throw DataError(file, fmt::format("{} rows, but the header says {}", seen, header->rows));
  if (result.rows == 0) throw DataError(file, "has no row, at least one is needed");
  if (result.skipped_rows > 0)
    parallel.observer().warn(fmt::format("{} bad rows left out, the first: {}", result.skipped_rows, first_bad_row));
  result.features = unite(result.x, features);
  result.labels = unite(result.y, labels);
  return result;
}

}  // namespace xmr
