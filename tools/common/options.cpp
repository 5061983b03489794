#include "common/options.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <iterator>

#include <fmt/ranges.h>
#include <unistd.h>

#include "xmr/util/error.hpp"

#include "common/help.hpp"

namespace xmr::tools {

namespace {

// Throws ConfigError if two outputs are one file: the second result would replace the first. Devices take any number.
void refuse_same_file(std::initializer_list<std::vector<std::string>> outputs) {
  std::vector<std::string> files;
  for (const auto& list : outputs)
    std::ranges::copy_if(list, std::back_inserter(files), [](const std::string& path) {
      std::error_code ignored;
      const auto type = std::filesystem::status(path, ignored).type();
      return !path.empty() && path != "-" &&
             (type == std::filesystem::file_type::regular || type == std::filesystem::file_type::not_found);
    });
  std::ranges::sort(files);
  if (const auto found = std::ranges::adjacent_find(files); found != files.end())
    throw ConfigError(fmt::format("{}: two outputs have this name", *found));
}

}  // namespace

CLI::Validator size_in_bytes() {
  const auto check = [](std::string& text) -> std::string {
    std::uint64_t bytes = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, bytes);
    std::string_view unit(stop, static_cast<std::size_t>(end - stop));
    for (const std::string_view suffix : {"iB", "B"})
      if (unit.ends_with(suffix)) unit.remove_suffix(suffix.size());
    const std::size_t power = std::string_view(" KMGT").find(unit.empty() ? ' ' : unit.front());
    if (error != std::errc() || unit.size() > 1 || power == std::string_view::npos || bytes == 0 ||
        bytes > std::numeric_limits<std::uint64_t>::max() >> (10 * power))
      return quote(text) + " is not a size, as 512M, 4G or a number of bytes";
    text = fmt::format("{}", bytes << (10 * power));
    return {};
  };
  return CLI::Validator(check, "");
}

CLI::Validator one_of(std::vector<std::string> words) {
  const std::string allowed = fmt::format("{}", fmt::join(words, "|"));
  const auto check = [=](const std::string& word) -> std::string {
    if (std::find(words.begin(), words.end(), word) != words.end()) return {};
    const std::string meant = nearest(word, words);
    return fmt::format("{} is not one of {}{}", quote(word), allowed,
                       meant.empty() ? "" : fmt::format(" (did you mean {}?)", meant));
  };
  return CLI::Validator(check, allowed);
}

namespace named {

std::string help(const std::string& about, const Table& table) {
  std::string meanings;
  for (std::size_t i = 0; i < table.names.size(); ++i)
    if (!table.meanings[i].empty())
      meanings += fmt::format("{}{}: {}", meanings.empty() ? ". " : "; ", table.names[i], table.meanings[i]);
  return about + meanings;
}

CLI::Option* check(CLI::Option* option, const Table& table, const std::string& by_default) {
  constexpr std::size_t kWidest = 50;  // a word that does not fit a line of the help
  CLI::Validator validator = one_of(table.names);
  if (validator.get_description().size() > kWidest) validator.description("");
  return option->check(validator)->default_str(by_default)->type_name("NAME");
}

}  // namespace named

void check_dash_once(std::string_view stream, std::initializer_list<std::vector<std::string>> paths) {
  std::ptrdiff_t dashes = 0;
  for (const auto& list : paths)
    dashes += std::count(list.begin(), list.end(), "-");
  if (dashes > 1) throw ConfigError(fmt::format("-: given {} times, but {} can be used once", dashes, stream));
  if (stream == "stdout") refuse_same_file(paths);
}

std::vector<std::string> inputs_or_stdin(std::vector<std::string> paths) {
  if (!paths.empty()) return paths;
  if (isatty(STDIN_FILENO) != 0)
    throw ConfigError("there is no input", "name a file, or send text to stdin through a pipe");
  return {"-"};
}

}  // namespace xmr::tools
