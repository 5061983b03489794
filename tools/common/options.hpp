#pragma once
// What the options of several tools share: validators whose range shows up in --help, and the rules of "-".

#include <charconv>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "xmr/util/quote.hpp"

namespace xmr::tools {

// A number in lowest..highest, written in decimal ("010" is ten). app.add_option(...)->transform(range(1, 1024)).
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

// Bytes: a whole number, also of K, M, G or T, which are powers of 1024. The text becomes the number.
CLI::Validator size_in_bytes();

// One of these words.
CLI::Validator one_of(std::vector<std::string> words);

// ConfigError if more than one of the paths is "-", and if two outputs are the same file. `stream`: "stdin" or
// "stdout".
void check_dash_once(std::string_view stream, std::initializer_list<std::vector<std::string>> paths);

// The inputs of a command that reads stdin when none is given. ConfigError with a hint if stdin is then a terminal.
std::vector<std::string> inputs_or_stdin(std::vector<std::string> paths);

}  // namespace xmr::tools
