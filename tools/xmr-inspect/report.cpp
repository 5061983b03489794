#include "xmr-inspect/report.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "xmr/io/json.hpp"
#include "xmr/util/spread.hpp"

#include "common/progress.hpp"

namespace xmr::tools {
namespace {

std::string title(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return printable(name);
}

bool is_spread(const Json& value) {
  return value.is_object() && value.size() == 4 && value.contains("min") && value.contains("median") &&
         value.contains("mean") && value.contains("max");
}

bool is_range(const Json& value) {
  return value.is_object() && value.size() == 2 && value.contains("from") && value.contains("to");
}

// Returns the value on one line.
std::string inline_text(const Json& value) {
  if (value.is_string()) return printable(value.get<std::string>());  // may come from a file
  if (is_spread(value))
    return fmt::format("{}..{}, median {}, mean {:.2f}", value["min"].get<std::uint64_t>(),
                       value["max"].get<std::uint64_t>(), value["median"].get<std::uint64_t>(),
                       value["mean"].get<double>());
  if (is_range(value)) return fmt::format("{}..{}", value["from"].dump(), value["to"].dump());
  if (!value.is_object() && !value.is_array()) return value.dump();
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (value.is_array())
    for (const Json& part : value.values())
      add(inline_text(part));
  else
    for (const auto& [name, part] : value.items())
      add(title(name) + " " + inline_text(part));
  return text;
}

// True if it stands behind its name; else a block or a table below it.
bool is_line(const Json& value) {
  if (value.is_array()) return value.empty() || !value.front().is_object();
  return !value.is_object() || value.empty() || is_spread(value) || is_range(value);
}

// Columns padded to the same width; numbers to the right.
std::string table(const Json& rows, std::size_t indent) {
  std::vector<std::string> names;
  for (const Json& row : rows.values())
    for (const auto& [name, value] : row.items())
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  std::vector<std::string> lines(rows.size() + 1, std::string(indent, ' '));
  for (const std::string& name : names) {
    std::vector<std::string> cells{title(name)};
    bool numbers = true;
    for (const Json& row : rows.values()) {
      cells.push_back(row.contains(name) ? inline_text(row[name]) : "");
      numbers &= !row.contains(name) || row[name].is_number();
    }
    std::size_t width = 0;
    for (const std::string& cell : cells)
      width = std::max(width, cell.size());
    for (std::size_t i = 0; i < lines.size(); ++i)
      lines[i] += numbers ? fmt::format("{:>{}}  ", cells[i], width) : fmt::format("{:<{}}  ", cells[i], width);
  }
  std::string text;
  for (std::string& line : lines)
    text += line.erase(line.find_last_not_of(' ') + 1) + '\n';
  return text;
}

std::string block(const Json& facts, std::size_t indent) {
  std::size_t width = 0;
  for (const auto& [name, value] : facts.items())
    if (is_line(value)) width = std::max(width, name.size());
  std::string text;
  for (const auto& [name, value] : facts.items()) {
    if (is_line(value))
      text += fmt::format("{:{}}{:<{}}  {}\n", "", indent, title(name), width, inline_text(value));
    else if (value.is_array())
      text += fmt::format("{:{}}{}\n{}", "", indent, title(name), table(value, indent + 2));
    else
      text += fmt::format("{:{}}{}\n{}", "", indent, title(name), block(value, indent + 2));
  }
  return text;
}

}  // namespace

Json facts_of(const Spread& spread) {
  return {{"min", spread.min}, {"median", spread.median}, {"mean", spread.mean}, {"max", spread.max}};
}

std::string as_text(const Json& facts) {
  return block(facts, 2);
}

}  // namespace xmr::tools
