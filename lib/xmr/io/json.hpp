#pragma once
// A JSON value: null, true or false, a number, a text, an array, or an object that keeps the order of its members.
// This header takes little time to compile; json.cpp alone includes the library that parses and writes.
//
//   Json content = {{"rows", 3}, {"names", {"a", "b"}}};   // an object: a list of pairs that begin with a text
//   content["rows"] = 4;
//   const auto rows = Json::parse(text).at("rows").get<std::uint64_t>();
//
// Errors: JsonError for a text that is not JSON, and for a value of another type than the one asked for.
// Thread rule: const methods from any thread.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace xmr {

class JsonError : public std::runtime_error {
 public:
  explicit JsonError(const std::string& what, std::size_t byte = 0) : std::runtime_error(what), byte_(byte) {}
  // The place of the fault in a text that is not JSON, from 1. 0 if numbers of the text are out of range, if its arrays
  // and objects are nested too deeply, or if a value has another type.
  std::size_t byte() const { return byte_; }

 private:
  std::size_t byte_;
};

class Json {
 public:
  struct Member;

  // Arrays and objects nested in a text that parse() takes.
  static constexpr std::size_t kMaxDepth = 512;

  // The text is UTF-8. Of equal keys the last one counts.
  static Json parse(std::string_view text);
  static std::optional<Json> parse_if_valid(std::string_view text);
  static Json object();
  static Json array();

  Json();  // null
  Json(std::nullptr_t);
  template <std::same_as<bool> T>
  Json(T value);
  template <std::integral T>
  requires(!std::same_as<T, bool>) Json(T value);
  template <std::floating_point T>
  Json(T value);
  Json(std::string value);
  Json(std::string_view value);
  Json(const char* value);
  // An array of the values.
  template <std::ranges::input_range R>
  requires(!std::convertible_to<R, std::string_view>) Json(R&& values);
  // An object if all values are arrays of a text and a value, else an array.
  Json(std::initializer_list<Json> values);

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_boolean() const { return std::holds_alternative<bool>(value_); }
  bool is_number() const { return is_whole() || std::holds_alternative<double>(value_); }
  bool is_whole() const { return is_count() || std::holds_alternative<std::int64_t>(value_); }
  bool is_count() const { return std::holds_alternative<std::uint64_t>(value_); }  // a whole number, not negative
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  // T: bool, a number, std::string, Json, or a vector of them. JsonError for another type and for a whole number that T
  // cannot hold.
  template <class T>
  T get() const;
  const std::string& text() const;

  // Values of an array, members of an object; 0 for null, 1 for anything else.
  std::size_t size() const;
  bool empty() const { return size() == 0; }

  // The members of an object in their order; none of null.
  std::span<const Member> items() const;
  // Null if there is no such member, or the value is no object.
  const Json* find(std::string_view key) const;
  bool contains(std::string_view key) const { return find(key) != nullptr; }
  // JsonError if there is no such member or value.
  const Json& at(std::string_view key) const;
  const Json& operator[](std::string_view key) const { return at(key); }
  const Json& operator[](std::size_t place) const;
  Json& operator[](std::size_t place) { return const_cast<Json&>(std::as_const(*this)[place]); }
  // Adds a member of value null if absent. Null becomes an object.
  Json& operator[](std::string_view key);
  // Returns the value of the member, or `otherwise` if absent.
  template <class T>
  T value(std::string_view key, T otherwise) const {
    const Json* const found = find(key);
    return found != nullptr ? found->get<T>() : std::move(otherwise);
  }
  // Sets the members that `other` has.
  void update(const Json& other);
  void erase(std::string_view key);

  // The values of an array; none of null.
  std::span<const Json> values() const;
  // The first value of an array that is not empty.
  const Json& front() const { return (*this)[0]; }
  // Null becomes an array.
  void push_back(Json value);

  // One line, or a line for each value with `indent` blanks a level. Bytes that are not UTF-8 become U+FFFD, numbers
  // that are not finite null.
  std::string dump(int indent = -1) const;

  // Members may stand in another order; 1 equals 1.0.
  friend bool operator==(const Json& a, const Json& b);

 private:
  friend class JsonBuilder;
  using Array = std::vector<Json>;
  using Object = std::vector<Member>;
  using Value = std::variant<std::monostate, bool, std::uint64_t, std::int64_t, double, std::string, Array, Object>;

  [[noreturn]] void refuse(const char* wanted) const;
  bool flag() const;
  double number() const;
  std::uint64_t count() const;
  std::int64_t whole() const;

  Value value_;
};

struct Json::Member {
  std::string key;
  Json value;

  friend bool operator==(const Member& a, const Member& b) = default;
};

template <std::same_as<bool> T>
Json::Json(T value) : value_(value) {}

template <std::integral T>
requires(!std::same_as<T, bool>) Json::Json(T value) {
  if (std::in_range<std::uint64_t>(value))
    value_ = static_cast<std::uint64_t>(value);
  else
    value_ = static_cast<std::int64_t>(value);
}

template <std::floating_point T>
Json::Json(T value) : value_(static_cast<double>(value)) {}

template <std::ranges::input_range R>
requires(!std::convertible_to<R, std::string_view>) Json::Json(R&& values)
    : value_(Array(std::ranges::begin(values), std::ranges::end(values))) {}

template <class T>
T Json::get() const {
  if constexpr (std::same_as<T, Json>) {
    return *this;
  } else if constexpr (std::same_as<T, bool>) {
    return flag();
  } else if constexpr (std::unsigned_integral<T>) {
    const std::uint64_t value = count();
    if (!std::in_range<T>(value)) refuse("a smaller number");
    return static_cast<T>(value);
  } else if constexpr (std::signed_integral<T>) {
    const std::int64_t value = whole();
    if (!std::in_range<T>(value)) refuse("a number nearer to 0");
    return static_cast<T>(value);
  } else if constexpr (std::floating_point<T>) {
    return static_cast<T>(number());
  } else if constexpr (std::same_as<T, std::string>) {
    return text();
  } else {
    T list;
    if (!is_array()) refuse("an array");
    for (const Json& value : values())
      list.push_back(value.get<typename T::value_type>());
    return list;
  }
}

}  // namespace xmr
