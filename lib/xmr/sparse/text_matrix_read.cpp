#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/lines.hpp"
#include "xmr/io/ordered_blocks.hpp"
#include "xmr/sparse/text_matrix.hpp"
#include "xmr/sparse/text_matrix_row.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kMostColumns = std::uint64_t{1} << 31;  // as many as a matrix file holds
constexpr std::uint64_t kMostRows = std::uint64_t{1} << 62;
constexpr std::size_t kLongestHeader = 4096;  // what InputFile::peek() gives

struct Header {
  std::uint64_t rows = 0, features = 0, labels = 0;
};

// Three integers and nothing else: no row of either form looks like this.
std::optional<std::array<std::string_view, 3>> three_integers(std::string_view line) {
  std::array<std::string_view, 3> found;
  std::size_t count = 0;
  while (true) {
    const std::size_t begin = line.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) break;
    line.remove_prefix(begin);
    const std::string_view token = line.substr(0, line.find_first_of(" \t\r"));
    if (count == 3 || token.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    found[count++] = token;
    line.remove_prefix(token.size());
  }
  if (count < 3) return std::nullopt;
  return found;
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
  const auto integers = three_integers(start.substr(0, start.find('\n')));
  if (form.value_or(integers ? TextForm::xmc : TextForm::svmlight) == TextForm::svmlight) return std::nullopt;
  if (!integers) throw DataError(file, 1, "three integers are needed: rows features labels");
  const auto [rows, features, labels] = *integers;
  return Header{header_number(file, rows, "rows", kMostRows), header_number(file, features, "features", kMostColumns),
                header_number(file, labels, "labels", kMostColumns)};
}

// Number of columns: the header's or the caller's, which must not contradict each other.
std::uint64_t columns(const std::string& file, std::string_view what, std::optional<std::uint64_t> asked,
                      std::optional<std::uint64_t> said) {
  if (asked && *asked > kMostColumns)
    throw ConfigError(fmt::format("{}: {} is outside 0..{}", what, *asked, kMostColumns));
  if (asked && said && *asked != *said)
    throw DataError(file, 1, fmt::format("the header says {} {}, {} are asked for", *said, what, *asked));
  return said.value_or(asked.value_or(kMostColumns));
}

// What a block's lines became.
struct Parsed {
  RowEntries features, labels;
  std::uint64_t bad_rows = 0;
  std::string first_bad_row;  // what was wrong with it
};

// The matrix being put together from blocks.
class Assembly {
 public:
  void append(const RowEntries& rows) {
    const Offset before = indices_.size();
    for (const Offset end : rows.ends)
      indptr_.push_back(before + end);
    indices_.insert(indices_.end(), rows.columns.begin(), rows.columns.end());
    values_.insert(values_.end(), rows.values.begin(), rows.values.end());
    width_ = std::max(width_, rows.width);
  }
  std::uint64_t rows() const { return indptr_.size() - 1; }
  std::uint64_t width() const { return width_; }
  CsrMatrix finish(std::uint64_t cols) {
    return CsrMatrix(cols, std::move(indptr_), std::move(indices_), std::move(values_));
  }

 private:
  std::vector<Offset> indptr_{0};
  std::vector<std::uint32_t> indices_;
  std::vector<float> values_;
  std::uint64_t width_ = 0;
};

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

TextMatrices read_text_matrices(InputFile input, const TextInput& how, Parallel& parallel) {
  const std::string file = input.name();
  const std::string_view start = input.peek(kLongestHeader);
  if (start.empty()) throw DataError(file, "is empty, at least one row is needed");
  const std::optional<Header> header = read_header(file, start, how.form);
  const auto said = [&](std::uint64_t Header::*number) {
    return header ? std::optional((*header).*number) : std::nullopt;
  };
  const ColumnRange features{"feature", ' ', how.dialect.first_feature,
                             columns(file, "features", how.features, said(&Header::features))};
  const ColumnRange labels{"label", ',', how.dialect.first_label,
                           columns(file, "labels", how.labels, said(&Header::labels))};
  const TextRowParser parser(file, header ? TextForm::xmc : TextForm::svmlight, features, labels,
                             how.dialect.label_weights);

  Assembly x, y;
  std::uint64_t bad_rows = 0;
  std::string first_bad_row;
  const Phase phase(parallel.observer(), "read", header ? header->rows : 0, "rows");
  LineBlocks blocks(std::move(input));
  for_blocks_in_order<Parsed>(
      blocks, parallel,
      [&](const LineBlock& block, Parsed& out, unsigned) {
        parse_block(block, file, parser, header, how.skip_bad_rows, out);
      },
      [&](const Parsed& rows) {
        x.append(rows.features);
        y.append(rows.labels);
        if (bad_rows == 0) first_bad_row = rows.first_bad_row;
        bad_rows += rows.bad_rows;
        parallel.observer().advance(rows.features.ends.size());
      });
  if (header && x.rows() + bad_rows < header->rows)
    throw DataError(file, fmt::format("{} rows, but the header says {}", x.rows() + bad_rows, header->rows));
  if (x.rows() == 0) throw DataError(file, "has no row, at least one is needed");
  if (bad_rows > 0)
    parallel.observer().warn(fmt::format("{} bad rows left out, the first: {}", bad_rows, first_bad_row));

  return {header ? TextForm::xmc : TextForm::svmlight, x.finish(header || how.features ? features.columns : x.width()),
          y.finish(header || how.labels ? labels.columns : y.width()), bad_rows};
}

}  // namespace xmr
