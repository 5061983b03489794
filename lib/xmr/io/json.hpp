#pragma once
// A JSON value that a class can hold although its header does not include the JSON library, whose header takes a second
// to compile. Headers declare functions of nlohmann::ordered_json, which is only declared here; sources that look into
// a value include <nlohmann/json.hpp>.
//
//   JsonValue content;   content->contains("rows");   (*content)["rows"] = 3;   write(content);
//
// Thread rule: const methods from any thread.

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

#include <nlohmann/json_fwd.hpp>

namespace xmr {

class JsonValue {
 public:
  JsonValue();  // the empty object
  // No conversion from braces: they would lose one level on their way.
  template <class T>
  requires std::same_as<std::remove_cvref_t<T>, nlohmann::ordered_json> JsonValue(T&& value)
      : JsonValue(Given{}, std::forward<T>(value)) {}
  JsonValue(const JsonValue& other);
  JsonValue(JsonValue&& other) noexcept;
  JsonValue& operator=(JsonValue other) noexcept;
  ~JsonValue();

  const nlohmann::ordered_json& operator*() const { return *value_; }
  nlohmann::ordered_json& operator*() { return *value_; }
  const nlohmann::ordered_json* operator->() const { return value_.get(); }
  nlohmann::ordered_json* operator->() { return value_.get(); }
  operator const nlohmann::ordered_json&() const { return *value_; }

 private:
  struct Given {};
  JsonValue(Given given, const nlohmann::ordered_json& value);
  JsonValue(Given given, nlohmann::ordered_json&& value);

  std::unique_ptr<nlohmann::ordered_json> value_;  // null only after a move
};

}  // namespace xmr
