#include "common/options.hpp"

#include <algorithm>

#include <fmt/ranges.h>
#include <unistd.h>

#include "xmr/util/error.hpp"

#include "common/help.hpp"

namespace xmr::tools {

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

void check_dash_once(std::string_view stream, std::initializer_list<std::vector<std::string>> paths) {
  std::ptrdiff_t dashes = 0;
  for (const auto& list : paths)
    dashes += std::count(list.begin(), list.end(), "-");
  if (dashes > 1) throw ConfigError(fmt::format("-: given {} times, {} can be used once", dashes, stream));
}

std::vector<std::string> inputs_or_stdin(std::vector<std::string> paths) {
  if (!paths.empty()) return paths;
  if (isatty(STDIN_FILENO) != 0)
    throw ConfigError("no input was given", "name a file, or send text to stdin by a pipe");
  return {"-"};
}

}  // namespace xmr::tools
