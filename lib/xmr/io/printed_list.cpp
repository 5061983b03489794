#include "xmr/io/printed_list.hpp"

#include <cstddef>

#include "xmr/io/corpus.hpp"

namespace xmr {
namespace {

bool parts_items(char c) {
  return c == ' ' || c == ',' || c == '\n' || c == '\r' || c == '\t';
}

bool is_of_number(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.';
}

char plain(char c) {
  return c == '\t' || c == '\n' || c == '\r' || c == kListMark ? ' ' : c;
}

// Appends the text in quotes at the start of `items`, which has backslashes before quotes. Returns its length with the
// quotes; npos if it has no end.
std::size_t append_quoted(std::string_view items, std::string& out) {
  for (std::size_t i = 1; i < items.size(); ++i) {
    if (items[i] == items.front()) return i + 1;
    if (items[i] == '\\' && i + 1 < items.size()) ++i;
    out += plain(items[i]);
  }
  return std::string_view::npos;
}

// Items in quotes and numbers, by commas or blanks. False if there are others.
bool append_quoted_items(std::string_view items, std::string& out) {
  while (!items.empty()) {
    if (parts_items(items.front())) {
      items.remove_prefix(1);
      continue;
    }
    out += kListMark;
    std::size_t length = 0;
    if (items.front() == '\'' || items.front() == '"') {
      length = append_quoted(items, out);
      if (length == std::string_view::npos) return false;
    } else {
      while (length < items.size() && is_of_number(items[length]))
        out += items[length++];
    }
    if (length == 0 || (length < items.size() && !parts_items(items[length]))) return false;
    items.remove_prefix(length);
  }
  return true;
}

// Items by commas, some in double quotes. False if an item is empty or has a bracket, or if there is a colon behind
// quotes: it is a dictionary.
bool append_bare_items(std::string_view items, std::string& out) {
  while (true) {
    while (items.starts_with(' '))
      items.remove_prefix(1);
    if (items.starts_with('"')) {
      const std::size_t length = append_quoted(items, out += kListMark);
      if (length == std::string_view::npos) return false;
      items.remove_prefix(length);
    } else {
      std::string_view item = items.substr(0, items.find(','));
      items.remove_prefix(item.size());
      while (item.ends_with(' '))
        item.remove_suffix(1);
      if (item.empty() || item.front() == '\'' || item.find_first_of("[]{}\"") != std::string_view::npos) return false;
      if (item != "NULL") {  // of PostgreSQL
        out += kListMark;
        for (const char c : item)
          out += plain(c);
      }
    }
    if (items.empty()) return true;
    if (items.front() != ',') return false;
    items.remove_prefix(1);
  }
}

}  // namespace

bool append_printed_list(std::string_view field, std::string& out) {
  if (field.size() < 2) return false;
  const char open = field.front(), close = field.back();
  if (!(open == '[' && close == ']') && !(open == '{' && close == '}') && !(open == '(' && close == ')')) return false;
  const std::string_view items = field.substr(1, field.size() - 2);
  const std::size_t before = out.size();
  const bool may_be_bare = open == '{' || (open == '[' && items.find(',') != std::string_view::npos);
  const bool may_be_quoted = open != '(' || items.starts_with('\'') || items.starts_with('"');
  if (may_be_quoted && append_quoted_items(items, out)) return true;
  out.resize(before);
  if (may_be_bare && append_bare_items(items, out)) return true;
  out.resize(before);
  return false;
}

}  // namespace xmr
