#include "xmr/evaluate/side_by_side.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

struct Answer {
  std::string label;
  float score;
  bool is_right;
};

// The content of one row of the page.
struct Sheet {
  std::vector<std::vector<Answer>> lists;  // [system]
  std::vector<std::string> missed;         // relevant labels in no list
};

std::string key_of(const SideBySide& page, LabelId label) {
  return page.key ? std::string(page.key(label)) : fmt::format("{}", label);
}

Sheet sheet_of(const SideBySide& page, Row row) {
  const SparseRow truth = page.truth.row(row);
  std::vector<LabelId> missed;
  for (std::size_t i = 0; i < truth.size(); ++i)
    if (truth.values[i] > 0) missed.push_back(truth.indices[i]);
  const std::vector<LabelId> relevant = missed;  // increasing
  Sheet sheet;
  for (const SideBySide::System& system : page.systems) {
    std::vector<Answer>& list = sheet.lists.emplace_back();
    const SparseRow ranked = system.ranked.row(row);
    for (std::size_t i = 0; i < std::min<std::size_t>(ranked.size(), page.k); ++i) {
      const LabelId label = ranked.indices[i];
      list.push_back({key_of(page, label), ranked.values[i], std::ranges::binary_search(relevant, label)});
      std::erase(missed, label);
    }
  }
  for (const LabelId label : missed)
    sheet.missed.push_back(key_of(page, label));
  return sheet;
}

std::size_t longest_list(const Sheet& sheet) {
  std::size_t longest = 0;
  for (const auto& list : sheet.lists)
    longest = std::max(longest, list.size());
  return longest;
}

std::string escaped(std::string_view text) {
  std::string html;
  for (const char c : text) {
    if (c == '&')
      html += "&amp;";
    else if (c == '<')
      html += "&lt;";
    else if (c == '>')
      html += "&gt;";
    else
      html += c;
  }
  return html;
}

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Side by side</title>
<style>
body { font: 15px/1.4 sans-serif; margin: 2em; }
h2 { font-size: 1.1em; margin: 1.8em 0 0.2em; }
h2 span, .missed, td span { color: #777; font-weight: normal; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: 0.1em 1.5em 0.1em 0; vertical-align: top; }
.right { color: #087f23; font-weight: bold; }
.wrong { color: #b3261e; }
</style>
)";

// Pads by code points. Wide characters of a terminal are not considered.
std::string padded(const std::string& text, std::size_t width) {
  const std::size_t length = count_points(text);
  return length < width ? text + std::string(width - length, ' ') : text;
}

}  // namespace

std::string format_html(const SideBySide& page) {
  std::string html(kHead);
  for (const SideBySide::Instance& instance : page.instances) {
    const Sheet sheet = sheet_of(page, instance.row);
    html += fmt::format("<h2><span>{}</span> {}</h2>\n<table>\n<tr>", instance.row, escaped(instance.text));
    for (const SideBySide::System& system : page.systems)
      html += fmt::format("<th>{}</th>", escaped(system.name));
    html += "</tr>\n";
    for (std::size_t rank = 0; rank < longest_list(sheet); ++rank) {
      html += "<tr>";
      for (const std::vector<Answer>& list : sheet.lists) {
        if (rank >= list.size()) {
          html += "<td></td>";
          continue;
        }
        const Answer& answer = list[rank];
        html += fmt::format(R"(<td class="{}">{} <span>{:.3g}</span></td>)", answer.is_right ? "right" : "wrong",
                            escaped(answer.label), answer.score);
      }
      html += "</tr>\n";
    }
    html += "</table>\n";
    if (!sheet.missed.empty())
      html += fmt::format("<p class=\"missed\">not found: {}</p>\n",
                          escaped(fmt::format("{}", fmt::join(sheet.missed, ", "))));
  }
  return html + "</html>\n";
}

std::string format_text(const SideBySide& page, bool colour) {
  std::string text;
  for (const SideBySide::Instance& instance : page.instances) {
    const Sheet sheet = sheet_of(page, instance.row);
    std::vector<std::size_t> widths;
    for (std::size_t s = 0; s < page.systems.size(); ++s) {
      widths.push_back(count_points(page.systems[s].name));
      for (const Answer& answer : sheet.lists[s])
        widths.back() = std::max(widths.back(), count_points(answer.label));
    }
    if (!text.empty()) text += '\n';
    text += fmt::format("{}\t{}\n", instance.row, instance.text);
    for (std::size_t line = 0; line <= longest_list(sheet); ++line) {
      std::string row;
      for (std::size_t s = 0; s < page.systems.size(); ++s) {
        const std::vector<Answer>& list = sheet.lists[s];
        if (line == 0 || line > list.size()) {
          row += "  " + padded(line == 0 ? page.systems[s].name : "", widths[s] + 2);
          continue;
        }
        const Answer& answer = list[line - 1];
        const std::string_view begin = !colour ? "" : answer.is_right ? "\033[32m" : "\033[31m";
        row += fmt::format("{}{} {}{}  ", begin, answer.is_right ? '+' : ' ', padded(answer.label, widths[s]),
                           colour ? "\033[0m" : "");
      }
      row.erase(row.find_last_not_of(' ') + 1);
      text += row + '\n';
    }
    if (!sheet.missed.empty()) text += fmt::format("  not found: {}\n", fmt::join(sheet.missed, ", "));
  }
  return text;
}

}  // namespace xmr
