#pragma once
// Names of the values of an enumeration. One table serves the command line, JSON and errors:
//
//   enum class Norm { none, l1, l2, max };
//   template <>
//   struct EnumNames<Norm> {
//     static constexpr EnumName<Norm> kTable[] = {
//         {Norm::none, "none"}, {Norm::l1, "l1", "sum of sizes"}, {Norm::l2, "l2"}, {Norm::max, "max"}};
//   };
//
//   name_of(Norm::l1)                // "l1"
//   find_named<Norm>("l1")           // Norm::l1; std::nullopt for an unknown name
//   parse_named<Norm>("norm", "l3")  // throws ConfigError: norm: 'l3' is not one of none|l1|l2|max
//
// A value without a name does not compile. Thread rule: pure functions.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xmr {

template <class Enum>
struct EnumName {
  Enum value;
  std::string_view name;
  std::string_view help = {};  // continues "NAME: ..." in --help
};

template <class Enum>
struct EnumNames;  // specialised beside each enumeration that has names

template <class Enum>
concept NamedEnum = requires {
  EnumNames<Enum>::kTable;
};

namespace enum_names {

// Throws ConfigError that lists the names.
[[noreturn]] void refuse(std::string_view what, std::string_view text, std::span<const std::string_view> names);

// Compilers spell a value without an enumerator as a cast: "(Norm)4".
template <class Enum, Enum value>
consteval bool is_enumerator() {
  const std::string_view spelt = __PRETTY_FUNCTION__;
  return spelt.find("value = (") == std::string_view::npos;
}

template <class Enum>
consteval bool has_name(Enum value) {
  for (const auto& entry : EnumNames<Enum>::kTable)
    if (entry.value == value) return true;
  return false;
}

template <class Enum, std::size_t... values>
consteval bool are_named(std::index_sequence<values...>) {
  return ((!is_enumerator<Enum, static_cast<Enum>(values)>() || has_name(static_cast<Enum>(values))) && ...);
}

}  // namespace enum_names

template <NamedEnum Enum>
constexpr std::string_view name_of(Enum value) {
  static_assert(enum_names::are_named<Enum>(std::make_index_sequence<std::size(EnumNames<Enum>::kTable) + 4>()),
                "a value of the enumeration has no name in its table");
  for (const auto& entry : EnumNames<Enum>::kTable)
    if (entry.value == value) return entry.name;
  return {};
}

// The names in the order of the table.
template <NamedEnum Enum>
std::vector<std::string_view> names_of() {
  std::vector<std::string_view> names;
  for (const auto& entry : EnumNames<Enum>::kTable)
    names.push_back(entry.name);
  return names;
}

template <NamedEnum Enum>
constexpr std::optional<Enum> find_named(std::string_view name) {
  for (const auto& entry : EnumNames<Enum>::kTable)
    if (entry.name == name) return entry.value;
  return std::nullopt;
}

// `what` starts the message of the ConfigError for an unknown name.
template <NamedEnum Enum>
Enum parse_named(std::string_view what, std::string_view name) {
  if (const std::optional<Enum> value = find_named<Enum>(name)) return *value;
  enum_names::refuse(what, name, names_of<Enum>());
}

}  // namespace xmr
