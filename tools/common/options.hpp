#pragma once
// Options of several tools: validators whose range --help shows, enumerations by name, and the rules of "-".

#include <charconv>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "xmr/util/enum_names.hpp"
#include "xmr/util/quote.hpp"

namespace xmr::tools {

// Checks a number in lowest..highest, written in decimal ("010" is ten): app.add_option(...)->transform(range(1,
// 1024)).
template <class T>
CLI::Validator range(T lowest, T highest = std::numeric_limits<T>::max()) {
  const std::string allowed =
      highest == std::numeric_limits<T>::max() ? fmt::format("{}..", lowest) : fmt::format("{}..{}", lowest, highest);
  const auto check = [=](std::string& text) -> std::string {
    T value{};
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (stop != end || error == std::errc::invalid_argument)
      return fmt::format("{} is not a {}number in {}", quote(text), std::is_integral_v<T> ? "whole " : "", allowed);
    if (error == std::errc::result_out_of_range || !(value >= lowest && value <= highest))
      return fmt::format("{} is outside {}", text, allowed);
    text = fmt::format("{}", value);  // CLI11 would read a leading 0 as octal
    return {};
  };
  return CLI::Validator(check, allowed);
}

// Checks a number of bytes: a whole number, or one of K, M, G or T (powers of 1024). The text becomes the number.
CLI::Validator size_in_bytes();

// Checks that a word is one of these.
CLI::Validator one_of(std::vector<std::string> words);

// Adds an option whose values are the names of an enumeration: one, or of a vector a list separated by commas. The help
// is `about` with the meanings in the table, the allowed names, and the value as the default.
template <NamedEnum Enum>
CLI::Option* add_named(CLI::App& app, const std::string& option, Enum& value, const std::string& about);
template <NamedEnum Enum>
CLI::Option* add_named(CLI::App& app, const std::string& option, std::optional<Enum>& value, const std::string& about);
template <NamedEnum Enum>
CLI::Option* add_named(CLI::App& app, const std::string& option, std::vector<Enum>& values, const std::string& about);

namespace named {

// The names of an enumeration and their meanings, as options show them.
struct Table {
  std::vector<std::string> names, meanings;

  template <NamedEnum Enum>
  static Table of() {
    Table table;
    for (const auto& entry : EnumNames<Enum>::kTable) {
      table.names.emplace_back(entry.name);
      table.meanings.emplace_back(entry.help);
    }
    return table;
  }
};

std::string help(const std::string& about, const Table& table);
// Checks the words of an option, whose help names them.
CLI::Option* check(CLI::Option* option, const Table& table, const std::string& by_default);

}  // namespace named

template <NamedEnum Enum>
CLI::Option* add_named(CLI::App& app, const std::string& option, Enum& value, const std::string& about) {
  const auto table = named::Table::of<Enum>();
  const auto read = [&value](const std::string& word) { value = parse_named<Enum>("", word); };
  return named::check(app.add_option_function<std::string>(option, read, named::help(about, table)), table,
                      std::string(name_of(value)));
}

template <NamedEnum Enum>
CLI::Option* add_named(CLI::App& app, const std::string& option, std::optional<Enum>& value, const std::string& about) {
  const auto table = named::Table::of<Enum>();
  const auto read = [&value](const std::string& word) { value = parse_named<Enum>("", word); };
  return named::check(app.add_option_function<std::string>(option, read, named::help(about, table)), table, "");
}

template <NamedEnum Enum>
CLI::Option* add_named(CLI::App& app, const std::string& option, std::vector<Enum>& values, const std::string& about) {
  const auto table = named::Table::of<Enum>();
  const auto read = [&values](const std::vector<std::string>& words) {
    values.clear();
    for (const std::string& word : words)
      values.push_back(parse_named<Enum>("", word));
  };
  std::string by_default;
  for (const Enum value : values)
    by_default += (by_default.empty() ? "" : ",") + std::string(name_of(value));
  CLI::Option* const added =
      app.add_option_function<std::vector<std::string>>(option, read, named::help(about, table))->delimiter(',');
  return named::check(added, table, by_default)->type_name("LIST");
}

// Throws ConfigError if more than one of the paths is "-", or if two outputs are the same file. `stream`: "stdin" or
// "stdout".
void check_dash_once(std::string_view stream, std::initializer_list<std::vector<std::string>> paths);

// Returns `paths`, or stdin if there are none. Throws ConfigError with a hint if stdin is then a terminal.
std::vector<std::string> inputs_or_stdin(std::vector<std::string> paths);

}  // namespace xmr::tools
