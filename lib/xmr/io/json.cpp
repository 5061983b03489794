#include "xmr/io/json.hpp"

#include <nlohmann/json.hpp>

namespace xmr {

JsonValue::JsonValue() : JsonValue(nlohmann::ordered_json::object()) {}
JsonValue::JsonValue(const JsonValue& other) : JsonValue(*other) {}
JsonValue::JsonValue(JsonValue&& other) noexcept = default;
JsonValue& JsonValue::operator=(JsonValue other) noexcept {
  value_ = std::move(other.value_);
  return *this;
}
JsonValue::~JsonValue() = default;

JsonValue::JsonValue(Given /*given*/, const nlohmann::ordered_json& value)
    : value_(std::make_unique<nlohmann::ordered_json>(value)) {}
JsonValue::JsonValue(Given /*given*/, nlohmann::ordered_json&& value)
    : value_(std::make_unique<nlohmann::ordered_json>(std::move(value))) {}

}  // namespace xmr
