#pragma once
// Reads JSON files of other programs and people, whole or member by member with a check of each; writes JSON files.
//
//   const JsonObject config(folder / "param.json");
//   const std::uint64_t depth = config.count("depth", 1, 64);
//
// Errors: IoError; FormatError with the file and the member. Thread rule: const methods from any thread.

#include <cstdint>
#include <memory>
#include <string>

#include "xmr/io/json.hpp"

namespace xmr {

// FormatError with the byte if the file is not JSON.
Json read_json(const std::string& path);
// One member a line.
void write_json(const std::string& path, const Json& json);

class JsonObject {
 public:
  explicit JsonObject(const std::string& path);

  const std::string& path() const { return path_; }
  bool has(const char* key) const;

  // FormatError if the member is absent or has another type or value.
  JsonObject object(const char* key) const;
  const Json& array(const char* key) const;
  std::string text(const char* key) const;
  bool flag(const char* key) const;
  double number(const char* key) const;  // finite
  std::int64_t whole(const char* key) const;
  std::uint64_t count(const char* key, std::uint64_t least, std::uint64_t most) const;
  // Returns `otherwise` if the member is absent.
  bool flag_or(const char* key, bool otherwise) const { return has(key) ? flag(key) : otherwise; }

 private:
  JsonObject(std::string path, std::string name, std::shared_ptr<const Json> json);
  const Json& member(const char* key) const;
  [[noreturn]] void fail(const char* key, const std::string& what) const;

  std::string path_, name_;           // of the file; of the object in it, empty or "pred_kwargs."
  std::shared_ptr<const Json> json_;  // an object
};

}  // namespace xmr
