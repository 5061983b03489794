#include "xmr/io/corpus.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "xmr/util/error.hpp"
#include "xmr/util/plus_sign.hpp"
#include "xmr/util/quote.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

constexpr std::string_view kUnread = "-";
constexpr const char* kEmptyLabel = "a label is empty between commas";
constexpr const char* kIdsOrKeys =
    "an id is the number of a line of labels.txt, from 0; if the column holds keys: --labels labels.txt --label-keys";

[[noreturn]] void fail(LinePlace place, std::string_view what,
                       std::string hint = "--skip-bad-rows leaves such rows out") {
  throw DataError(place.file, place.line, what, std::move(hint));
}

[[noreturn]] void refuse_id(LinePlace place, std::string_view item) {
  fail(place, fmt::format("label {} is not an id from 0 on", quote(item)), kIdsOrKeys);
}

// Returns the hint for a line that has not the columns that --columns names.
std::string hint_for(std::uint64_t number, std::string_view line, std::size_t tabs) {
  if (line.starts_with("__label__")) return "--format fasttext reads labels __label__NAME before a text";
  if (line.starts_with('{')) return "--columns labels=KEY,text=KEY reads JSON lines by their keys";
  if (number == 1 && tabs == 0 && line.find_first_of(",;|") != std::string_view::npos)
    return "--columns labels=NAME,text=NAME reads CSV by the names of its first line, --format csv by position";
  return "columns are separated by TAB; --columns names them, \"-\" for one that is not used";
}

// A decimal number that makes up the whole text; nan and inf are numbers here, and no weights.
std::optional<double> parse_number(std::string_view text) {
  text = without_plus(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return std::numeric_limits<double>::infinity();
  return error == std::errc{} ? std::optional(value) : std::nullopt;
}

// "7.0" is 7: pandas writes ids so if some are missing.
std::string_view without_fraction(std::string_view number) {
  const std::size_t dot = number.find('.');
  if (dot == std::string_view::npos || dot + 1 == number.size()) return number;
  return number.find_first_not_of('0', dot + 1) == std::string_view::npos ? number.substr(0, dot) : number;
}

// NaN does not pass either.
bool is_weight(double value) {
  return value >= 0 && value <= std::numeric_limits<float>::max();
}

float check_weight(LinePlace place, std::string_view item, double value) {
  if (!is_weight(value)) fail(place, fmt::format("weight of label {} is outside 0..3.4e38", quote(item)));
  return static_cast<float>(value);
}

// The number of backslashes that stand directly before a place.
std::size_t backslashes_before(std::string_view text, std::size_t place) {
  std::size_t count = 0;
  while (count < place && text[place - count - 1] == '\\')
    ++count;
  return count;
}

// The length of the first item of a list of keys: up to the first comma that no odd number of backslashes stands
// before.
std::size_t key_end(std::string_view list) {
  std::size_t comma = list.find(',');
  while (comma != std::string_view::npos && backslashes_before(list, comma) % 2 == 1)
    comma = list.find(',', comma + 1);
  return comma;
}

// "\\," is a comma. Of the backslashes before a comma, inside the item or behind it, two are one.
std::string unescaped(std::string_view key, bool comma_follows) {
  std::string plain;
  for (std::size_t i = 0; i <= key.size(); ++i) {
    const bool at_comma = i < key.size() ? key[i] == ',' : comma_follows;
    if (at_comma) plain.resize(plain.size() - (backslashes_before(key, i) + 1) / 2);
    if (i < key.size()) plain += key[i];
  }
  return plain;
}

}  // namespace

CorpusColumns::CorpusColumns(std::string_view names, bool are_chosen) : are_chosen_(are_chosen) {
  for (std::size_t at = 0; at != std::string_view::npos;) {
    const std::size_t comma = names.find(',', at);
    const std::string_view name = names.substr(at, comma - at);
    const std::size_t equals = std::min(name.find('='), name.size());
    const std::string_view column = name.substr(0, equals);
    if (column.empty() || equals + 1 == name.size())
      throw ConfigError(fmt::format("columns {}: a name is empty", quote(names)));
    if (column != kUnread && has(column))
      throw ConfigError(fmt::format("columns {}: {} stands twice", quote(names), quote(column)));
    names_.emplace_back(column);
    std::vector<std::string>& sources = sources_.emplace_back();
    for_each_item(equals < name.size() ? name.substr(equals + 1) : column, "+",
                  [&](std::string_view source) { sources.emplace_back(source); });
    at = comma == std::string_view::npos ? comma : comma + 1;
  }
  if (names.find('=') == std::string_view::npos)
    sources_.clear();
  else if (has(kUnread))
    throw ConfigError(fmt::format("columns {}: where columns have sources, others are not named", quote(names)));
}

bool CorpusColumns::has(std::string_view name) const {
  return std::ranges::find(names_, name) != names_.end();
}

std::size_t CorpusColumns::find(std::string_view name) const {
  const auto found = std::ranges::find(names_, name);
  if (found == names_.end())
    throw ConfigError(fmt::format("no column {} among {}", quote(name), fmt::join(names_, ",")),
                      "name the columns of the input with --columns");
  return static_cast<std::size_t>(found - names_.begin());
}

void CorpusColumns::split(LinePlace place, std::string_view line, std::span<std::string_view> fields) const {
  if (size() == 1) {
    fields[0] = line;
    return;
  }
  std::size_t at = 0;
  for (std::size_t i = 0; i < size(); ++i) {
    const std::size_t tab = line.find('\t', at);
    const bool last = i + 1 == size();
    if (last != (tab == std::string_view::npos)) {
      const auto tabs = static_cast<std::size_t>(std::ranges::count(line, '\t'));
      const std::string found = tabs == 0 ? "no tab" : fmt::format("{} columns", tabs + 1);
      fail(place, fmt::format("{} in a line of {} columns ({})", found, size(), fmt::join(names_, ",")),
           are_chosen_ ? hint_for(place.line, line, tabs) : "columns are separated by TAB");
    }
    fields[i] = line.substr(at, tab - at);
    at = tab + 1;
  }
}

WeightedLabel LabelColumn::parse_id(LinePlace place, std::string_view item) const {
  while (item.starts_with(' '))
    item.remove_prefix(1);
  while (item.ends_with(' '))
    item.remove_suffix(1);
  const std::size_t colon = item.find(':');
  const std::string_view digits = without_fraction(without_plus(item.substr(0, colon)));
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (digits.empty() || end != digits.data() + digits.size()) refuse_id(place, item);
  if (error != std::errc{} || id >= count_)
    fail(place,
         count_ == 0 ? fmt::format("label {}: there are no labels", quote(digits))
                     : fmt::format("label {} is outside 0..{}", digits.substr(0, 40), count_ - 1),
         kIdsOrKeys);
  float weight = 1;
  if (colon != std::string_view::npos) {
    const std::optional<double> number = parse_number(item.substr(colon + 1));
    if (!number) fail(place, fmt::format("label {} has no number as its weight", quote(item)));
    weight = check_weight(place, item, *number);
  }
  return {static_cast<LabelId>(id), weight};
}

std::optional<LabelId> LabelColumn::find_item(std::string_view item, bool comma_follows) const {
  if (item.find('\\') == std::string_view::npos) return names_->find(item);
  return names_->find(unescaped(item, comma_follows));
}

std::optional<WeightedLabel> LabelColumn::find_key(LinePlace place, std::string_view item, bool comma_follows) const {
  const std::size_t equals = item.rfind('=');
  const std::optional<double> number =
      equals == std::string_view::npos ? std::nullopt : parse_number(item.substr(equals + 1));
  const std::optional<LabelId> weighted = number ? find_item(item.substr(0, equals), false) : std::nullopt;
  if (weighted && is_weight(*number)) return WeightedLabel{*weighted, static_cast<float>(*number)};
  if (const std::optional<LabelId> label = find_item(item, comma_follows))  // a key may end like a weight: "lang=nan"
    return WeightedLabel{*label, 1};
  return weighted ? std::optional(WeightedLabel{*weighted, check_weight(place, item, *number)}) : std::nullopt;
}

WeightedLabel LabelColumn::parse_key(LinePlace place, std::string_view& list) const {
  const std::size_t end = key_end(list);
  const bool last = end == std::string_view::npos;
  const std::string_view item = list.substr(0, end);
  if (item.empty() || (!last && end + 1 == list.size())) fail(place, kEmptyLabel);
  std::string_view key = item;  // with its blanks if a label has them
  auto label = find_key(place, key, !last);
  while (!label && (key.starts_with(' ') || key.ends_with(' '))) {
    while (key.starts_with(' '))
      key.remove_prefix(1);
    while (key.ends_with(' '))
      key.remove_suffix(1);
    label = find_key(place, key, !last);
  }
  if (label) {
    list = last ? std::string_view() : list.substr(end + 1);
    return *label;
  }
  // A backslash that ends a key, and was not doubled: "C:\,other".
  const std::size_t comma = list.find(',');
  if (comma != std::string_view::npos && comma < item.size() && comma + 1 < list.size()) {
    if (const auto found = names_->find(list.substr(0, comma))) {
      list = list.substr(comma + 1);
      return {*found, 1};
    }
  }
  const std::size_t equals = item.rfind('=');
  const bool weighted = equals != std::string_view::npos && parse_number(item.substr(equals + 1)).has_value();
  return {find(place, unescaped(weighted ? item.substr(0, equals) : item, !last && !weighted)), 1};
}

LabelId LabelColumn::find(LinePlace place, std::string_view key) const {
  const std::optional<LabelId> label = names_->find(key);
  if (!label)
    fail(place, fmt::format("label {} is not among the {} keys", quote(key), count_),
         fmt::format("the first key is {}; --skip-bad-rows leaves such rows out", quote(names_->key(0))));
  return *label;
}

void LabelColumn::parse_single(LinePlace place, std::string_view field, std::vector<WeightedLabel>& labels) const {
  labels.clear();
  if (field.empty()) return;
  if (names_ == nullptr && field.find(':') != std::string_view::npos) refuse_id(place, field);  // it has no weight
  labels.push_back(names_ == nullptr ? parse_id(place, field) : WeightedLabel{find(place, field), 1});
}

void LabelColumn::parse_list(LinePlace place, std::string_view field, std::vector<WeightedLabel>& labels) const {
  for_each_item(field, separator_, [&](std::string_view item) {
    if (names_ == nullptr) {
      labels.push_back(parse_id(place, item));
    } else {
      const auto weighted = names_->find(item) ? std::nullopt : find_key(place, item, false);
      labels.push_back(weighted ? *weighted : WeightedLabel{find(place, item), 1});
    }
  });
}

void LabelColumn::parse(LinePlace place, std::string_view field, std::vector<WeightedLabel>& labels) const {
  labels.clear();
  if (separator_ != "," || field.starts_with(kListMark)) {
    parse_list(place, field, labels);
    field = {};
  }
  while (!field.empty()) {
    if (names_ != nullptr) {
      labels.push_back(parse_key(place, field));
      continue;
    }
    const std::size_t comma = field.find(',');
    const std::string_view item = field.substr(0, comma);
    const bool last = comma == std::string_view::npos;
    if (item.empty() || (!last && comma + 1 == field.size())) fail(place, kEmptyLabel);
    labels.push_back(parse_id(place, item));
    field = last ? std::string_view() : field.substr(comma + 1);
  }
  std::ranges::stable_sort(labels, {}, &WeightedLabel::label);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < labels.size();) {
    const LabelId label = labels[i].label;
    double sum = 0;
    for (; i < labels.size() && labels[i].label == label; ++i)
      sum += labels[i].weight;
    const float weight = check_weight(place, fmt::format("{}", label), sum);
    if (weight > 0) labels[kept++] = {label, weight};
  }
  labels.resize(kept);
}

void weigh(LinePlace place, std::string_view number, std::vector<WeightedLabel>& labels) {
  const std::optional<double> factor = parse_number(number);
  if (!factor || !is_weight(*factor))
    fail(place, fmt::format("weight {} of the row is not a number in 0..3.4e38", quote(number)));
  for (WeightedLabel& label : labels)
    label.weight = check_weight(place, fmt::format("{}", label.label), label.weight * *factor);
  std::erase_if(labels, [](const WeightedLabel& label) { return label.weight == 0; });
}

void require_utf8(LinePlace place, std::string_view text) {
  const std::size_t at = find_invalid_utf8(text);
  if (at != std::string_view::npos)
    fail(place,
         fmt::format("byte {} of the text is 0x{:02x}, which is not UTF-8 there", at + 1,
                     static_cast<unsigned char>(text[at])),
         "--invalid-utf8 replace reads such bytes as U+FFFD");
}

}  // namespace xmr
