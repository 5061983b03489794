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

}  // namespace

bool append_printed_list(std::string_view field, std::string& out) {
  if (field.size() < 2 || field.front() != '[' || field.back() != ']') return false;
  const std::string_view items = field.substr(1, field.size() - 2);
  const std::size_t before = out.size();
  const auto refuse = [&] {
    out.resize(before);
    return false;
  };
  for (std::size_t i = 0; i < items.size();) {
    if (parts_items(items[i])) {
      ++i;
      continue;
    }
    out += kListMark;
    if (items[i] != '\'' && items[i] != '"') {
      const std::size_t begin = i;
      while (i < items.size() && is_of_number(items[i]))
        out += items[i++];
      if (i == begin) return refuse();
    } else {
      const char quote = items[i++];
      for (; i < items.size() && items[i] != quote; ++i) {
        if (items[i] == '\\' && i + 1 < items.size()) ++i;
        const char c = items[i];
        out += c == '\t' || c == '\n' || c == '\r' || c == kListMark ? ' ' : c;
      }
      if (i++ == items.size()) return refuse();
    }
    if (i < items.size() && !parts_items(items[i])) return refuse();
  }
  return true;
}

}  // namespace xmr
