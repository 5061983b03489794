#include "xmr/io/json_file.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "xmr/io/file.hpp"
#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"

namespace xmr {

Json read_json(const std::string& path) {
  const MappedFile file(path);
  try {
    return Json::parse(file.bytes());
  } catch (const JsonError& error) {
    throw FormatError(file.name(), fmt::format("is not {}JSON: {}", error.byte() > 0 ? "" : "readable ", error.what()));
  }
}

void write_json(const std::string& path, const Json& json) {
  OutputFile out(path);
  out.write(json.dump(1) + '\n');
  out.commit();
}

JsonObject::JsonObject(const std::string& path) : JsonObject(path, "", std::make_shared<const Json>(read_json(path))) {}

JsonObject::JsonObject(std::string path, std::string name, std::shared_ptr<const Json> json)
    : path_(std::move(path)), name_(std::move(name)), json_(std::move(json)) {
  if (!json_->is_object()) throw FormatError(path_, "is not a JSON object");
}

bool JsonObject::has(const char* key) const {
  return json_->contains(key);
}

void JsonObject::fail(const char* key, const std::string& what) const {
  throw FormatError(path_, fmt::format("\"{}{}\" {}", name_, key, what));
}

const Json& JsonObject::member(const char* key) const {
  const Json* const found = json_->find(key);
  if (found == nullptr) fail(key, "is missing");
  return *found;
}

JsonObject JsonObject::object(const char* key) const {
  if (!member(key).is_object()) fail(key, "must be an object");
  return {path_, fmt::format("{}{}.", name_, key), std::shared_ptr<const Json>(json_, &member(key))};
}

const Json& JsonObject::array(const char* key) const {
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
  if (!member(key).is_whole()) fail(key, "must be a whole number");
  return member(key).get<std::int64_t>();
}

std::uint64_t JsonObject::count(const char* key, std::uint64_t least, std::uint64_t most) const {
  const Json& value = member(key);
  if (!value.is_count() || value.get<std::uint64_t>() < least || value.get<std::uint64_t>() > most)
    fail(key, fmt::format("must be a number in {}..{}", least, most));
  return value.get<std::uint64_t>();
}

}  // namespace xmr
