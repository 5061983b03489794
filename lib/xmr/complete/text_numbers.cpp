#include "xmr/complete/text_numbers.hpp"

#include <algorithm>

namespace xmr {

namespace {

// The first bytes of a text as a number of the same order; shorter texts end with zeros.
std::uint64_t head_of(std::string_view text) {
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < sizeof head; ++i)
    head = head << 8 | (i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0U);
  return head;
}

}  // namespace

std::span<const std::uint32_t> TextNumbers::increasing() {
  if (increasing_.size() == size()) return increasing_;
  struct Item {
    std::uint64_t head;
    std::uint32_t number;
  };
  std::vector<Item> items;
  items.reserve(size());
  for (std::uint32_t number = 0; number < size(); ++number)
    items.push_back({head_of(text(number)), number});
  std::ranges::sort(items, [&](const Item& a, const Item& b) {
    return a.head != b.head ? a.head < b.head : text(a.number) < text(b.number);
  });
  increasing_.clear();
  increasing_.reserve(items.size());
  for (const Item& item : items)
    increasing_.push_back(item.number);
  return increasing_;
}

}  // namespace xmr
