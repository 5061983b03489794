#pragma once
// Values of a file's meta.json, each checked before it is used: FormatError with the file and the key for one that is
// missing, of another type or out of range. Thread rule: pure functions.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "xmr/io/json.hpp"
#include "xmr/io/npz_file.hpp"
#include "xmr/util/enum_names.hpp"

namespace xmr {

// T: bool, float, std::string or Json.
template <class T>
T meta_value(const NpzFile& file, const Json& object, const char* key);

[[noreturn]] void refuse_name(const NpzFile& file, const char* key, std::string_view name,
                              std::span<const std::string_view> names);

// The value of an enumeration, by its name.
template <NamedEnum Enum>
Enum meta_named(const NpzFile& file, const Json& object, const char* key) {
  const auto name = meta_value<std::string>(file, object, key);
  if (const auto value = find_named<Enum>(name)) return *value;
  refuse_name(file, key, name, names_of<Enum>());
}

// A count in 0..largest.
std::uint64_t meta_count(const NpzFile& file, const Json& object, const char* key, std::uint64_t largest);

// Throws DataError if another version wrote the file. For parts of one result, whose bytes may depend on the version.
void require_this_version(const NpzFile& file);

// The type of a model: "xr-linear", "bm25", ... FormatError for a file that is no model.
std::string model_type(const NpzFile& file);

}  // namespace xmr
