#include "xmr/sparse/text_matrix_row.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {
namespace {

constexpr std::uint64_t kTooLarge = std::uint64_t{1} << 40;  // for an id; ten times as much does not overflow

constexpr const char* kSkipBadRows = "--skip-bad-rows leaves such rows out";

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// Returns the allowed ids: "0..4999" or "1..5000".
std::string ids(const ColumnRange& range) {
  if (range.columns == 0) return fmt::format("nothing: there are 0 {}s", range.what);
  return fmt::format("{}..{}", range.first_id, range.first_id + range.columns - 1);
}

// Returns the hint for an id that is one too large for its range.
std::string hint_for_id(const ColumnRange& range, std::uint64_t id) {
  const bool counts_from_1 = range.first_id == 0 && id == range.columns;
  return counts_from_1 ? fmt::format("--first-{} 1 if ids count from 1", range.what) : "";
}

// Returns the hint for a token that is not an id.
std::string hint_for(const std::string& file, std::string_view token, std::uint64_t line) {
  if (token.starts_with("-1 ") || token.starts_with("-1\t"))
    return fmt::format("labels of two classes, +1 and -1, become ids by: sed 's/^-1[[:blank:]]/0 /' {} > {}",
                       shell_word(file), shell_word(file + ".ids"));
  if (token.starts_with("__label__"))
    return fmt::format("xmr-featurize labels --format fasttext -o labels.txt {}, then fit and apply", shell_word(file));
  return line == 1 ? "text that is not a matrix yet becomes one by xmr-featurize fit, then apply" : kSkipBadRows;
}

}  // namespace

void RowEntries::clear() {
  ends.clear();
  drop_row();
  width = 0;
}

void RowEntries::add(std::uint32_t column, float value) {
  row_width = std::max(row_width, column + std::uint64_t{1});
  if (value == 0) return;
  columns.push_back(column);
  values.push_back(value);
}

bool RowEntries::tidy_row() {
  const std::size_t begin = ends.empty() ? 0 : ends.back();
  bool increasing = true;
  for (std::size_t i = begin + 1; i < columns.size(); ++i)
    increasing &= columns[i - 1] < columns[i];
  if (increasing) return true;

  std::vector<std::pair<std::uint32_t, float>> row;
  for (std::size_t i = begin; i < columns.size(); ++i)
    row.emplace_back(columns[i], values[i]);
  std::ranges::stable_sort(row, {}, &std::pair<std::uint32_t, float>::first);
  columns.resize(begin);
  values.resize(begin);
  for (auto entry = row.begin(); entry != row.end();) {
    const std::uint32_t column = entry->first;
    float sum = 0;
    for (; entry != row.end() && entry->first == column; ++entry)
      sum += entry->second;
    if (!std::isfinite(sum)) return false;
    add(column, sum);
  }
  return true;
}

void RowEntries::end_row() {
  ends.push_back(columns.size());
  width = std::max(width, row_width);
  row_width = 0;
}

void RowEntries::drop_row() {
  const std::size_t end = ends.empty() ? 0 : ends.back();
  columns.resize(end);
  values.resize(end);
  row_width = 0;
}

// A place in a line.
struct TextRowParser::Cursor {
  const char* p;
  const char* end;
  const std::string& file;
  std::uint64_t line;

  bool at_end() const { return p == end; }
  bool at_token_end() const { return p == end || is_blank(*p); }
  bool at(char c) const { return p != end && *p == c; }
  void skip_blanks() {
    while (p != end && is_blank(*p))
      ++p;
  }
  // Skips the blanks behind a comma, unless an entry of a feature follows.
  void skip_blanks_before_label() {
    Cursor next = *this;
    next.skip_blanks();
    const char* stop = next.p;
    while (stop != end && !is_blank(*stop) && *stop != ':')
      ++stop;
    if (next.p != end && (stop == end || *stop != ':')) p = next.p;
  }
  // From `begin` to the next blank or `separator`, for messages.
  std::string token(const char* begin, char separator) const {
    const char* stop = begin;
    while (stop != end && !is_blank(*stop) && *stop != separator)
      ++stop;
    return quote({begin, static_cast<std::size_t>(stop - begin)});
  }
  [[noreturn]] void fail(const std::string& what, std::string hint = kSkipBadRows) const {
    throw DataError(file, line, what, std::move(hint));
  }
};

TextRowParser::TextRowParser(std::string file, TextForm form, ColumnRange features, ColumnRange labels,
                             bool label_weights)
    : file_(std::move(file)), form_(form), features_(features), labels_(labels), label_weights_(label_weights) {}

bool TextRowParser::parse(Line line, RowEntries& features, RowEntries& labels, std::string* query) const {
  std::string_view text = line.text;
  if (form_ == TextForm::svmlight) {
    if (text.empty() || text.front() == '#') return false;
    text = text.substr(0, text.find('#'));
  }
  Cursor at{text.data(), text.data() + text.size(), file_, line.number};
  if (form_ != TextForm::matrix && begins_with_labels(text)) parse_labels(at, labels);
  parse_features(at, features, query);
  for (const auto& [range, entries] : {std::pair(&labels_, &labels), std::pair(&features_, &features)})
    if (!entries->tidy_row()) at.fail(fmt::format("the sum of a repeated {} is outside -3.4e38..3.4e38", range->what));
  labels.end_row();
  features.end_row();
  return true;
}

// The first token is a list of labels, unless it is a lone id:value, which only `label_weights` takes for a label.
bool TextRowParser::begins_with_labels(std::string_view text) const {
  if (text.empty() || is_blank(text.front())) return false;
  if (label_weights_) return true;
  bool colon = false;
  for (const char c : text) {
    if (is_blank(c)) break;
    if (c == ',') return true;
    colon |= c == ':';
  }
  return !colon;
}

void TextRowParser::parse_labels(Cursor& at, RowEntries& labels) const {
  while (true) {
    const std::uint32_t column = parse_column(at, labels_);
    const std::uint64_t id = std::uint64_t{column} + labels_.first_id;
    float weight = 1;
    if (at.at(':')) {
      if (!label_weights_)
        at.fail(fmt::format("label {} has a weight, only ids are expected", id),
                "--label-weights reads weights of labels");
      ++at.p;
      weight = parse_value(at, labels_, column);
      if (weight < 0) at.fail(fmt::format("weight {} of label {} is negative, 0 or more is allowed", weight, id));
    }
    labels.add(column, weight);
    if (at.at_token_end()) return;
    if (!at.at(',')) at.fail(fmt::format("{} after label {}, ',' or a blank is needed", at.token(at.p, ','), id));
    ++at.p;
    at.skip_blanks_before_label();
  }
}

void TextRowParser::parse_features(Cursor& at, RowEntries& features, std::string* query) const {
  at.skip_blanks();
  if (form_ == TextForm::svmlight) {
    const std::string_view id = parse_query_id(at);
    if (query != nullptr && id.empty()) at.fail("the row has no qid:, which --ids writes");
    if (query != nullptr) *query = id;
  }
  for (; !at.at_end(); at.skip_blanks()) {
    const char* begin = at.p;
    const std::uint32_t column = parse_column(at, features_);
    if (!at.at(':'))
      at.fail(fmt::format("{} has no value, 'feature:value' is needed", at.token(begin, ' ')),
              at.line == 1 ? "a file of the XMC repository begins with three integers: rows features labels"
              : form_ == TextForm::matrix
                  ? "a header of two integers is that of a matrix alone; of rows with labels: rows "
                    "features labels"
                  : kSkipBadRows);
    ++at.p;
    features.add(column, parse_value(at, features_, column));
  }
}

// SVMrank, LETOR and LightGBM write the number of a row's query between label and features. Returns its digits.
std::string_view TextRowParser::parse_query_id(Cursor& at) const {
  constexpr std::string_view kQueryId = "qid:";
  if (!std::string_view(at.p, static_cast<std::size_t>(at.end - at.p)).starts_with(kQueryId)) return {};
  const char* const begin = at.p;
  at.p += kQueryId.size();
  const char* const digits = at.p;
  while (!at.at_token_end() && *at.p >= '0' && *at.p <= '9')
    ++at.p;
  if (at.p == digits || !at.at_token_end()) at.fail(fmt::format("{} is not a number of a query", at.token(begin, ' ')));
  const std::string_view id(digits, static_cast<std::size_t>(at.p - digits));
  at.skip_blanks();
  return id;
}

std::uint32_t TextRowParser::parse_column(Cursor& at, const ColumnRange& range) const {
  const char* begin = at.p;
  std::uint64_t id = 0;
  if (at.at('+') && at.p + 1 != at.end && at.p[1] >= '0' && at.p[1] <= '9') ++at.p;
  for (; at.p != at.end && *at.p >= '0' && *at.p <= '9'; ++at.p)
    id = std::min(id * 10 + static_cast<std::uint64_t>(*at.p - '0'), kTooLarge);
  if (at.p == begin)
    at.fail(fmt::format("{} is not a {} id, what is allowed is {}", at.token(begin, range.separator), range.what,
                        ids(range)),
            hint_for(file_, {begin, static_cast<std::size_t>(at.end - begin)}, at.line));
  if (range.separator == ',' && at.at('.')) {  // a class as a float: 3.0
    const char* zero = at.p + 1;
    while (zero != at.end && *zero == '0')
      ++zero;
    if (zero > at.p + 1 && (zero == at.end || is_blank(*zero) || *zero == ',' || *zero == ':')) at.p = zero;
  }
  const std::uint64_t column = id - range.first_id;  // wraps around to a huge number for id 0 counted from 1
  if (column >= range.columns)
    at.fail(fmt::format("{} {} is outside {}", range.what, at.token(begin, ':'), ids(range)), hint_for_id(range, id));
  return static_cast<std::uint32_t>(column);
}

// Reads up to the end of the token.
float TextRowParser::parse_value(Cursor& at, const ColumnRange& range, std::uint32_t column) const {
  const char* begin = at.p;
  float value = 0;
  const char* const number = begin + (at.at('+') && at.p + 1 != at.end && at.p[1] != '-' ? 1 : 0);
  const auto parsed = std::from_chars(number, at.end, value);
  at.p = parsed.ptr;
  const bool whole = at.at_token_end() || at.at(range.separator);
  if (parsed.ec == std::errc() && whole && std::isfinite(value)) return value;

  const auto fail = [&](std::string_view why) {
    at.fail(fmt::format("value {} of {} {} {}", at.token(begin, range.separator), range.what,
                        std::uint64_t{column} + range.first_id, why));
  };
  if (parsed.ec == std::errc::invalid_argument || !whole) fail("is not a number");
  if (parsed.ec == std::errc()) fail("is not finite");
  // Too small for a float is 0, too large is refused.
  double wide = 0;
  if (std::from_chars(number, at.end, wide).ec != std::errc() || std::abs(wide) >= 1)
    fail("is outside -3.4e38..3.4e38");
  return 0;
}

}  // namespace xmr
