#include "xmr/io/corpus.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"
#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

constexpr std::string_view kUnread = "-";
constexpr const char* kIdsOrKeys =
    "an id is the number of a line of labels.txt, from 0; if the column holds keys: --labels labels.txt --label-keys";

[[noreturn]] void fail(LinePlace place, std::string_view what, std::string hint = {}) {
  throw DataError(place.file, place.line, what, std::move(hint));
}

[[noreturn]] void refuse_id(LinePlace place, std::string_view item) {
  fail(place, fmt::format("label {} is not an id from 0 on", quote(item)), kIdsOrKeys);
}

// A decimal number that makes up the whole text; nan and inf are numbers here, and refused by check_weight().
std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return std::numeric_limits<double>::infinity();
  return error == std::errc{} ? std::optional(value) : std::nullopt;
}

// NaN does not pass either.
bool is_weight(double value) {
  return value >= 0 && value <= std::numeric_limits<float>::max();
}

float check_weight(LinePlace place, std::string_view item, double value) {
  if (!is_weight(value)) fail(place, fmt::format("weight of label {} is outside 0..3.4e38", quote(item)));
  return static_cast<float>(value);
}

// The length of the first item of a list of keys: up to the first comma that no backslash stands before.
std::size_t key_end(std::string_view list) {
  std::size_t comma = list.find(',');
  while (comma != std::string_view::npos && comma > 0 && list[comma - 1] == '\\')
    comma = list.find(',', comma + 1);
  return comma;
}

std::string unescaped(std::string_view key) {
  std::string plain;
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key.substr(i).starts_with("\\,")) ++i;
    plain += key[i];
  }
  return plain;
}

}  // namespace

CorpusColumns::CorpusColumns(std::string_view names, bool are_chosen) : are_chosen_(are_chosen) {
  for (std::size_t at = 0; at != std::string_view::npos;) {
    const std::size_t comma = names.find(',', at);
    const std::string_view name = names.substr(at, comma - at);
    if (name.empty()) throw ConfigError(fmt::format("columns {}: a name is empty", quote(names)));
    if (name != kUnread && has(name))
      throw ConfigError(fmt::format("columns {}: {} stands twice", quote(names), quote(name)));
    names_.emplace_back(name);
    at = comma == std::string_view::npos ? comma : comma + 1;
  }
}

bool CorpusColumns::has(std::string_view name) const {
  return std::ranges::find(names_, name) != names_.end();
}

std::size_t CorpusColumns::find(std::string_view name) const {
  const auto found = std::ranges::find(names_, name);
  if (found == names_.end())
    throw ConfigError(fmt::format("there is no column {} among {}", quote(name), fmt::join(names_, ",")),
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
           are_chosen_ ? "columns are separated by TAB; --columns names them, \"-\" for one that is not used"
                       : "columns are separated by TAB");
    }
    fields[i] = line.substr(at, tab - at);
    at = tab + 1;
  }
}

WeightedLabel LabelColumn::parse_id(LinePlace place, std::string_view item) const {
  const std::size_t colon = item.find(':');
  const std::string_view digits = item.substr(0, colon);
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

WeightedLabel LabelColumn::parse_key(LinePlace place, std::string_view item) const {
  float weight = 1;
  std::string_view key = item;
  const std::size_t equals = item.rfind('=');
  if (equals != std::string_view::npos) {
    if (const std::optional<double> number = parse_number(item.substr(equals + 1))) {
      weight = check_weight(place, item, *number);
      key = item.substr(0, equals);
    }
  }
  return {key.find("\\,") == std::string_view::npos ? find(place, key) : find(place, unescaped(key)), weight};
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

void LabelColumn::parse(LinePlace place, std::string_view field, std::vector<WeightedLabel>& labels) const {
  labels.clear();
  while (!field.empty()) {
    const std::size_t comma = names_ == nullptr ? field.find(',') : key_end(field);
    const std::string_view item = field.substr(0, comma);
    const bool last = comma == std::string_view::npos;
    if (item.empty() || (!last && comma + 1 == field.size())) fail(place, "a label is empty between commas");
    labels.push_back(names_ == nullptr ? parse_id(place, item) : parse_key(place, item));
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
    fail(place, fmt::format("weight {} of the row is no number in 0..3.4e38", quote(number)));
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
