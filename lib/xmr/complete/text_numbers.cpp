#include "xmr/complete/text_numbers.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "xmr/util/error.hpp"
#include "xmr/util/hash.hpp"

namespace xmr {

namespace {

std::uint32_t upper_bits(std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash >> 32);
}

// The first bytes of a text as a number of the same order; shorter texts end with zeros.
std::uint64_t head_of(std::string_view text) {
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < sizeof head; ++i)
    head = head << 8 | (i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0U);
  return head;
}

}  // namespace

// Returns the slot of a text, or the empty slot where it belongs.
std::size_t TextNumbers::slot_of(std::string_view text, std::uint64_t hash) const {
  const StringTable texts = texts_.view();
  std::size_t slot = hash & (slots_.size() - 1);
  while (slots_[slot].number != 0 && (slots_[slot].hash != upper_bits(hash) || texts[slots_[slot].number - 1] != text))
    slot = (slot + 1) & (slots_.size() - 1);
  return slot;
}

std::uint32_t TextNumbers::number(std::string_view text) {
  const std::uint64_t hash = hash64(text);
  std::size_t slot = slot_of(text, hash);
  if (slots_[slot].number != 0) return slots_[slot].number - 1;
  if (texts_.size() == std::numeric_limits<std::uint32_t>::max() - 1)
    throw DataError("the log", "it has 2^32 - 1 different texts or more");
  if (2 * (texts_.size() + 1) > slots_.size()) {
    grow();
    slot = slot_of(text, hash);
  }
  texts_.add(text);
  slots_[slot] = {upper_bits(hash), static_cast<std::uint32_t>(texts_.size())};
  return slots_[slot].number - 1;
}

std::optional<std::uint32_t> TextNumbers::find(std::string_view text) const {
  const Slot& slot = slots_[slot_of(text, hash64(text))];
  return slot.number == 0 ? std::nullopt : std::optional(slot.number - 1);
}

void TextNumbers::grow() {
  std::vector<Slot> slots(2 * slots_.size());
  const StringTable texts = texts_.view();
  for (const Slot& old : slots_) {
    if (old.number == 0) continue;
    std::size_t slot = hash64(texts[old.number - 1]) & (slots.size() - 1);
    while (slots[slot].number != 0)
      slot = (slot + 1) & (slots.size() - 1);
    slots[slot] = old;
  }
  slots_ = std::move(slots);
}

std::vector<std::uint32_t> TextNumbers::increasing() const {
  struct Item {
    std::uint64_t head;
    std::uint32_t number;
  };
  const StringTable texts = texts_.view();
  std::vector<Item> items;
  items.reserve(size());
  for (std::uint32_t number = 0; number < size(); ++number)
    items.push_back({head_of(texts[number]), number});
  std::ranges::sort(items, [&](const Item& a, const Item& b) {
    return a.head != b.head ? a.head < b.head : texts[a.number] < texts[b.number];
  });
  std::vector<std::uint32_t> numbers;
  numbers.reserve(items.size());
  for (const Item& item : items)
    numbers.push_back(item.number);
  return numbers;
}

}  // namespace xmr
