#include "xmr/io/json.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace xmr {

// Builds a value from the events of the parser.
class JsonBuilder : public nlohmann::json_sax<nlohmann::ordered_json> {
 public:
  bool null() override { return add({}); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(std::int64_t value) override { return add(value); }
  bool number_unsigned(std::uint64_t value) override { return add(value); }
  bool number_float(double value, const std::string& /*text*/) override { return add(value); }
  bool string(std::string& value) override { return add(std::move(value)); }
  bool binary(nlohmann::ordered_json::binary_t& /*value*/) override { return false; }  // not of JSON
  bool start_object(std::size_t /*size*/) override { return open(Json::object()); }
  bool start_array(std::size_t /*size*/) override { return open(Json::array()); }
  bool key(std::string& name) override {
    std::get<Json::Object>(open_.back().value_).push_back({std::move(name), {}});
    return true;
  }
  bool end_object() override {
    keep_last_of_equal_keys(std::get<Json::Object>(open_.back().value_));
    return close();
  }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t byte, const std::string& /*token*/, const nlohmann::json::exception& error) override {
    const bool is_syntax = dynamic_cast<const nlohmann::json::parse_error*>(&error) != nullptr;
    fault_.emplace(is_syntax ? fmt::format("byte {} is not what it must be", byte) : "a number is out of range",
                   is_syntax ? byte : 0);
    return false;
  }

  Json result;
  // The fault of the text; call it only after an event returned false.
  const JsonError& fault() const { return *fault_; }

 private:
  bool add(Json value) {
    if (open_.empty()) {
      result = std::move(value);
    } else if (auto* const array = std::get_if<Json::Array>(&open_.back().value_)) {
      array->push_back(std::move(value));
    } else {
      std::get<Json::Object>(open_.back().value_).back().value = std::move(value);
    }
    return true;
  }

  bool open(Json empty) {
    if (open_.size() == Json::kMaxDepth) {
      fault_.emplace(fmt::format("arrays and objects are nested deeper than {} levels", Json::kMaxDepth));
      return false;
    }
    open_.push_back(std::move(empty));
    return true;
  }

  bool close() {
    Json value = std::move(open_.back());
    open_.pop_back();
    return add(std::move(value));
  }

  // Each at the place of its first. Sorts, as an object of a hostile text may have millions of members.
  static void keep_last_of_equal_keys(Json::Object& members) {
    std::vector<std::size_t> order(members.size());
    for (std::size_t i = 0; i < order.size(); ++i)
      order[i] = i;
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return std::string_view(members[i].key); });
    std::vector<bool> repeats(members.size());
    for (std::size_t i = 1, first = 0; i < order.size(); ++i) {
      if (members[order[i]].key != members[order[first]].key) {
        first = i;
      } else {
        members[order[first]].value = std::move(members[order[i]].value);
        repeats[order[i]] = true;
      }
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (repeats[i]) continue;
      if (kept != i) members[kept] = std::move(members[i]);
      ++kept;
    }
    members.resize(kept);
  }

  std::vector<Json> open_;  // from the outermost array or object to the innermost
  std::optional<JsonError> fault_;
};

namespace {

nlohmann::ordered_json to_nlohmann(const Json& json) {
  if (json.is_null()) return nullptr;
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_count()) return json.get<std::uint64_t>();
  if (json.is_whole()) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.text();
  if (json.is_array()) {
    nlohmann::ordered_json array = nlohmann::ordered_json::array();
    for (const Json& value : json.values())
      array.push_back(to_nlohmann(value));
    return array;
  }
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (const auto& [key, value] : json.items())
    object[key] = to_nlohmann(value);
  return object;
}

bool is_pair(const Json& value) {
  return value.is_array() && value.size() == 2 && value.front().is_string();
}

}  // namespace

Json Json::parse(std::string_view text) {
  JsonBuilder builder;
  if (!nlohmann::ordered_json::sax_parse(text, &builder)) throw builder.fault();
  return std::move(builder.result);
}

std::optional<Json> Json::parse_if_valid(std::string_view text) {
  JsonBuilder builder;
  if (!nlohmann::ordered_json::sax_parse(text, &builder)) return std::nullopt;
  return std::move(builder.result);
}

Json Json::object() {
  Json json;
  json.value_ = Object{};
  return json;
}

Json Json::array() {
  Json json;
  json.value_ = Array{};
  return json;
}

Json::Json() = default;
Json::Json(std::nullptr_t) {}
Json::Json(std::string value) : value_(std::move(value)) {}
Json::Json(std::string_view value) : Json(std::string(value)) {}
Json::Json(const char* value) : Json(std::string(value)) {}

Json::Json(std::initializer_list<Json> values) {
  if (!std::ranges::all_of(values, is_pair)) {
    value_ = Array(values);
    return;
  }
  Object members;
  for (const Json& pair : values)
    members.push_back({pair[0].text(), pair[1]});
  value_ = std::move(members);
}

void Json::refuse(const char* wanted) const {
  constexpr const char* kTypes[] = {"null",     "true or false", "a whole number", "a negative number",
                                    "a number", "a text",        "an array",       "an object"};
  throw JsonError(fmt::format("{} where {} is needed", kTypes[value_.index()], wanted));
}

std::span<const Json> Json::values() const {
  if (is_null()) return {};
  if (!is_array()) refuse("an array");
  return std::get<Array>(value_);
}

bool Json::flag() const {
  if (!is_boolean()) refuse("true or false");
  return std::get<bool>(value_);
}

double Json::number() const {
  if (const auto* value = std::get_if<std::uint64_t>(&value_)) return static_cast<double>(*value);
  if (const auto* value = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*value);
  if (!is_number()) refuse("a number");
  return std::get<double>(value_);
}

std::uint64_t Json::count() const {
  if (!is_count()) refuse("a whole number, not negative,");
  return std::get<std::uint64_t>(value_);
}

std::int64_t Json::whole() const {
  if (const auto* value = std::get_if<std::int64_t>(&value_)) return *value;
  const std::uint64_t value = count();
  if (!std::in_range<std::int64_t>(value)) refuse("a smaller number");
  return static_cast<std::int64_t>(value);
}

const std::string& Json::text() const {
  if (!is_string()) refuse("a text");
  return std::get<std::string>(value_);
}

std::size_t Json::size() const {
  if (is_null()) return 0;
  if (is_array()) return values().size();
  return is_object() ? items().size() : 1;
}

std::span<const Json::Member> Json::items() const {
  if (is_null()) return {};
  if (!is_object()) refuse("an object");
  return std::get<Object>(value_);
}

const Json* Json::find(std::string_view key) const {
  if (!is_object()) return nullptr;
  const auto found = std::ranges::find(items(), key, &Member::key);
  return found != items().end() ? &found->value : nullptr;
}

const Json& Json::at(std::string_view key) const {
  const Json* const found = find(key);
  if (found == nullptr) throw JsonError(fmt::format("there is no \"{}\"", key));
  return *found;
}

const Json& Json::operator[](std::size_t place) const {
  if (place >= values().size()) throw JsonError(fmt::format("an array of {} values has no value {}", size(), place));
  return values()[place];
}

Json& Json::operator[](std::string_view key) {
  if (is_null()) value_ = Object{};
  if (!is_object()) refuse("an object");
  if (const Json* const found = find(key)) return const_cast<Json&>(*found);
  return std::get<Object>(value_).emplace_back(Member{std::string(key), {}}).value;
}

void Json::update(const Json& other) {
  if (is_null()) value_ = Object{};
  for (const auto& [key, value] : other.items())
    (*this)[key] = value;
}

void Json::erase(std::string_view key) {
  if (auto* const members = std::get_if<Object>(&value_))
    std::erase_if(*members, [&](const Member& member) { return member.key == key; });
}

void Json::push_back(Json value) {
  if (is_null()) value_ = Array{};
  if (!is_array()) refuse("an array");
  std::get<Array>(value_).push_back(std::move(value));
}

std::string Json::dump(int indent) const {
  return to_nlohmann(*this).dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

bool operator==(const Json& a, const Json& b) {
  if (a.is_count() && b.is_count()) return a.count() == b.count();
  if (a.is_whole() && b.is_whole()) return a.value_ == b.value_;  // one is negative
  if (a.is_number() && b.is_number()) return a.number() == b.number();
  if (!a.is_object() || !b.is_object()) return a.value_ == b.value_;
  return a.size() == b.size() && std::ranges::all_of(a.items(), [&](const Json::Member& member) {
           const Json* const other = b.find(member.key);
           return other != nullptr && *other == member.value;
         });
}

}  // namespace xmr
