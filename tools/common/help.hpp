#pragma once
// The text of --help, and of errors on the command line.

#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

namespace xmr::tools {

// Returns help in 80 columns: description, usage with the required options, commands, options by group with their
// allowed values and defaults, and the worked example.
struct HelpParts {
  std::string_view commands = {}, example = {};
  std::string_view usage = {};  // lines of options, in place of the required ones
  bool needs_command = false;   // the tool does nothing without a command
};
std::string help_text(const CLI::App& app, const HelpParts& parts);

// Returns an entry of a list: the name at column 2, `text` wrapped to the right of column 26 (below the name if it is
// longer).
std::string help_entry(std::string_view name, std::string_view text);

// The hint of a misuse that has no better one: the command that lists the options of `app`.
std::string see_help(const CLI::App& app);

// An error on the command line, and a hint: the option that was probably meant, or the command that prints help.
struct Misuse {
  std::string message, hint;
};
Misuse explain(const CLI::ParseError& error, const CLI::App& app);

// Returns the name of `known` that `given` abbreviates, or else the nearest one with at most a third of its letters
// (rounded up) wrong, or empty.
std::string nearest(std::string_view given, const std::vector<std::string>& known);

}  // namespace xmr::tools
