#include "xmr/io/json_file.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "xmr/io/file.hpp"
#include "xmr/util/error.hpp"

namespace xmr {

nlohmann::json read_json(const std::string& path) {
  const MappedFile file(path);
  try {
    return nlohmann::json::parse(file.bytes());
  } catch (const nlohmann::json::parse_error& error) {
    throw FormatError(file.name(), fmt::format("is not JSON: byte {} is not what it must be", error.byte));
  } catch (const nlohmann::json::exception&) {
    throw FormatError(file.name(), "is not readable JSON: a number is out of range");
  }
}

void write_json(const std::string& path, const nlohmann::ordered_json& json) {
  OutputFile out(path);
  out.write(json.dump(1) + '\n');
  out.commit();
}

std::string json_line(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

JsonObject::JsonObject(const std::string& path)
    : JsonObject(path, "", std::make_shared<const nlohmann::json>(read_json(path))) {}

JsonObject::JsonObject(std::string path, std::string name, std::shared_ptr<const nlohmann::json> json)
    : path_(std::move(path)), name_(std::move(name)), json_(std::move(json)) {
  if (!json_->is_object()) throw FormatError(path_, "is not a JSON object");
}

bool JsonObject::has(const char* key) const {
  return json_->contains(key);
}

void JsonObject::fail(const char* key, const std::string& what) const {
  throw FormatError(path_, fmt::format("\"{}{}\" {}", name_, key, what));
}

const nlohmann::json& JsonObject::member(const char* key) const {
  const auto found = json_->find(key);
  if (found == json_->end()) fail(key, "is missing");
  return *found;
}

JsonObject JsonObject::object(const char* key) const {
  if (!member(key).is_object()) fail(key, "must be an object");
  return {path_, fmt::format("{}{}.", name_, key), std::shared_ptr<const nlohmann::json>(json_, &member(key))};
}

const nlohmann::json& JsonObject::array(const char* key) const {
  if (!member(key).is_array()) fail(key, "must be an array");
  return member(key);
}

std::string JsonObject::text(const char* key) const {
  if (!member(key).is_string()) fail(key, "must be a text");
  return member(key).get<std::string>();
}

bool JsonObject::flag(const char* key) const {
  if (!member(key).is_boolean()) fail(key, "must be true or false");
  return member(key).get<bool>();
}

double JsonObject::number(const char* key) const {
  if (!member(key).is_number() || !std::isfinite(member(key).get<double>())) fail(key, "must be a number");
  return member(key).get<double>();
}

std::int64_t JsonObject::whole(const char* key) const {
  if (!member(key).is_number_integer()) fail(key, "must be a whole number");
  return member(key).get<std::int64_t>();
}

std::uint64_t JsonObject::count(const char* key, std::uint64_t least, std::uint64_t most) const {
  const nlohmann::json& value = member(key);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() < least || value.get<std::uint64_t>() > most)
    fail(key, fmt::format("must be a number in {}..{}", least, most));
  return value.get<std::uint64_t>();
}

}  // namespace xmr
