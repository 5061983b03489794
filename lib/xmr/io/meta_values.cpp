#include "xmr/io/meta_values.hpp"

#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "xmr/io/json.hpp"
#include "xmr/util/error.hpp"
#include "xmr/util/quote.hpp"

namespace xmr {

template <class T>
T meta_value(const NpzFile& file, const Json& object, const char* key) {
  const Json* const found = object.find(key);
  if (found == nullptr) throw FormatError(file.name(), fmt::format("meta.json: no \"{}\"", key));
  try {
    return found->get<T>();
  } catch (const JsonError&) {
    throw FormatError(file.name(), fmt::format("meta.json: bad \"{}\"", key));
  }
}
template bool meta_value(const NpzFile&, const Json&, const char*);
template float meta_value(const NpzFile&, const Json&, const char*);
template std::string meta_value(const NpzFile&, const Json&, const char*);
template Json meta_value(const NpzFile&, const Json&, const char*);

void refuse_name(const NpzFile& file, const char* key, std::string_view name, std::span<const std::string_view> names) {
  throw FormatError(file.name(),
                    fmt::format("meta.json: \"{}\": {} is not one of {}", key, quote(name), fmt::join(names, "|")));
}

std::uint64_t meta_count(const NpzFile& file, const Json& object, const char* key, std::uint64_t largest) {
  const Json* const found = object.find(key);
  if (found == nullptr || !found->is_count() || found->get<std::uint64_t>() > largest)
    throw FormatError(file.name(), fmt::format("meta.json: \"{}\" must be a number in 0..{}", key, largest));
  return found->get<std::uint64_t>();
}

void require_this_version(const NpzFile& file) {
  if (file.meta().tool_version != version())
    throw DataError(file.name(), fmt::format("was made by version {}, this is {}", file.meta().tool_version, version()),
                    "make it again: all parts must come from one version");
}

std::string model_type(const NpzFile& file) {
  file.require_kind("model", std::numeric_limits<int>::max());  // each type has versions of its own
  return meta_value<std::string>(file, file.meta().content, "type");
}

}  // namespace xmr
