#include "common/help.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "xmr/util/quote.hpp"

namespace xmr::tools {

namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kTextColumn = 26;

// `text` in lines of at most 80 columns; the first one starts at `column`, the others are indented by `indent`.
// Newlines in the text stay.
std::string wrap(std::string_view text, std::size_t indent, std::size_t column) {
  std::string out;
  while (!text.empty()) {
    const std::size_t newline = std::min(text.find('\n'), text.size());
    std::size_t length = newline;
    if (column + length > kColumns) {
      length = text.substr(0, kColumns - column + 1).rfind(' ');
      if (length == std::string_view::npos || length == 0) length = std::min(text.find(' '), newline);
    }
    out += text.substr(0, length);
    text.remove_prefix(std::min(text.size(), length + 1));
    if (text.empty()) break;
    out += '\n';
    if (text.front() != '\n') out.append(indent, ' ');
    column = indent;
  }
  return out;
}

// Every line by two columns: commands are not broken.
std::string indented(std::string_view lines) {
  std::string out;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    out += fmt::format("  {}\n", lines.substr(0, end));
    lines.remove_prefix(std::min(lines.size(), end + 1));
  }
  return out;
}

// "N" for whole numbers, "X" for others, "WORD" for one of several; otherwise the type name that the option was given.
std::string value_name(const CLI::Option& option) {
  std::string type = option.get_type_name();
  const std::size_t colon = type.find(':');  // validators' descriptions follow
  const bool validated = colon != std::string::npos;
  type = type.substr(0, colon);
  if (type == "UINT" || type == "INT") return "N";
  if (type == "FLOAT") return "X";
  if (type == "TEXT" && validated) return "WORD";
  return type;
}

bool takes_many(const CLI::Option& option) {
  return option.get_items_expected_max() > 1;
}

// Returns the default as typed, or empty. CLI11 writes a list as "[1,3]".
std::string default_value(const CLI::Option& option) {
  std::string text = option.get_default_str();
  if (option.get_type_size() == 0) return {};
  if (!takes_many(option) || text.size() < 2 || text.front() != '[') return text;
  text = text.substr(1, text.size() - 2);
  std::replace(text.begin(), text.end(), ',', ' ');
  return text;
}

std::string usage_entry(const CLI::Option& option) {
  if (option.get_positional()) {
    const std::string name = option.get_name(true) + (takes_many(option) ? "..." : "");
    return option.get_required() ? name : "[" + name + "]";
  }
  const auto& shorts = option.get_snames();
  return fmt::format("{} {}", shorts.empty() ? "--" + option.get_lnames().front() : "-" + shorts.front(),
                     value_name(option));
}

std::string usage(std::string_view start, const CLI::App& app, const std::vector<const CLI::Option*>& positionals) {
  const std::string command = fmt::format("{}{} ", start, app.get_name());
  std::string arguments;
  for (const auto* option :
       app.get_options([](const CLI::Option* o) { return o->nonpositional() && o->get_required(); }))
    arguments += usage_entry(*option) + " ";
  arguments += "[options]";
  for (const auto* option : positionals)
    arguments += " " + usage_entry(*option);
  return command + wrap(arguments, command.size(), command.size()) + "\n";
}

std::string option_entry(const CLI::Option& option) {
  std::string name;
  if (option.get_positional()) {
    name = option.get_name(true);
  } else {
    for (const auto& letter : option.get_snames())
      name += "-" + letter + ", ";
    for (const auto& word : option.get_lnames())
      name += "--" + word + ", ";
    name.erase(name.size() - 2);
    if (option.get_type_size() != 0) name += " " + value_name(option);
  }
  if (takes_many(option)) name += "...";

  std::string facts;
  const auto fact = [&](std::string_view text) { facts += fmt::format("{}{}", facts.empty() ? "" : "; ", text); };
  const std::string type = option.get_type_name();
  if (const auto colon = type.find(':'); colon != std::string::npos) fact(std::string_view(type).substr(colon + 1));
  if (option.get_required())
    fact("required");
  else if (const std::string value = default_value(option); !value.empty())
    fact("default " + value);
  return help_entry(name, option.get_description() + (facts.empty() ? "" : " [" + facts + "]"));
}

// "--x, --y and --tree are required".
std::string missing_options(const CLI::App& app) {
  std::vector<std::string> missing;
  for (const auto* option : app.get_options())
    if (option->get_required() && option->count() == 0) missing.push_back(option->get_name());
  const std::string last = missing.back();
  missing.pop_back();
  if (missing.empty()) return last + " is required";
  return fmt::format("{} and {} are required", fmt::join(missing, ", "), last);
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string help_entry(std::string_view name, std::string_view text) {
  std::string out = fmt::format("  {}", name);
  if (out.size() + 2 > kTextColumn)
    out += '\n' + std::string(kTextColumn, ' ');
  else
    out.resize(kTextColumn, ' ');
  return out + wrap(text, kTextColumn, kTextColumn) + '\n';
}

std::string help_text(const CLI::App& app, const HelpParts& parts) {
  const auto positionals = app.get_options([](const CLI::Option* o) { return o->get_positional(); });
  std::string out = wrap(app.get_description(), 0, 0) + "\n\n";
  std::string_view start = "Usage: ";
  for (std::string_view rest = parts.usage; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    out += fmt::format("{}{} {}\n", start, app.get_name(), line);
    start = "       ";
  }
  if (!parts.needs_command && parts.usage.empty()) {
    out += usage(start, app, positionals);
    start = "       ";
  }
  if (!parts.commands.empty())
    out += fmt::format("{}{} COMMAND [options]\n\nCommands:\n{}", start, app.get_name(), parts.commands);
  if (!positionals.empty()) out += "\nArguments:\n";
  for (const auto* option : positionals)
    out += option_entry(*option);
  for (const auto& group : app.get_groups()) {
    const auto options =
        app.get_options([&](const CLI::Option* o) { return o->nonpositional() && o->get_group() == group; });
    if (group.empty() || options.empty()) continue;
    out += fmt::format("\n{}:\n", group);
    for (const auto* option : options)
      out += option_entry(*option);
  }
  if (!parts.example.empty()) out += fmt::format("\nExample:\n{}", indented(parts.example));
  return out;
}

std::string see_help(const CLI::App& app) {
  return app.get_name() + " --help lists the options";
}

Misuse explain(const CLI::ParseError& error, const CLI::App& app) {
  // Names an unknown option before a missing one: it is often the missing one, misspelt. Names a surplus argument after
  // a missing option: it is often the option's value.
  const auto unknown = app.remaining();
  const auto is_option = [](const std::string& word) { return word.size() > 1 && word.front() == '-'; };
  if (!unknown.empty() && (is_option(unknown.front()) || error.get_name() != "RequiredError")) {
    if (!is_option(unknown.front())) return {"unexpected argument " + quote(unknown.front()), see_help(app)};
    const std::string given = unknown.front().substr(0, unknown.front().find('='));
    std::vector<std::string> known;
    for (const auto* option : app.get_options()) {
      for (const auto& word : option->get_lnames())
        known.push_back("--" + word);
      for (const auto& letter : option->get_snames())
        known.push_back("-" + letter);
    }
    const std::string meant = nearest(given, known);
    return {"unknown option " + quote(given), meant.empty() ? see_help(app) : fmt::format("did you mean {}?", meant)};
  }
  if (error.get_name() == "RequiredError") return {missing_options(app), see_help(app)};
  const std::string text = error.what();
  if (error.get_name() == "ArgumentMismatch") {
    const std::string name = text.substr(0, text.find(':'));
    if (text.find("missing") != std::string::npos) return {name + ": a value is missing", see_help(app)};
    if (text.find("At Most 1 ") != std::string::npos) return {name + ": given more than once", see_help(app)};
  }
  return {text, see_help(app)};
}

std::string nearest(std::string_view given, const std::vector<std::string>& known) {
  const std::size_t letters = given.size() - std::min(given.find_first_not_of('-'), given.size());
  std::string best;
  std::size_t best_distance = letters < 3 ? 0 : (letters + 2) / 3 + 1;
  for (const auto& name : known) {
    if (letters > 1 && name.substr(0, given.size()) == given) return name;
    const std::size_t distance = edit_distance(given, name);
    if (distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace xmr::tools
