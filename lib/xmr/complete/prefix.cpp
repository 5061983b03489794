#include "xmr/complete/prefix.hpp"

#include <algorithm>

#include "xmr/util/utf8.hpp"

namespace xmr {
namespace {

// Returns the first key of first..last-1 for which `is_before` is false.
template <class IsBefore>
LabelId partition_point(LabelId first, LabelId last, const IsBefore& is_before) {
  while (first < last) {
    const LabelId middle = first + (last - first) / 2;
    if (is_before(middle))
      first = middle + 1;
    else
      last = middle;
  }
  return first;
}

// The same for a key that is probably near `first`: tries keys 1, 2, 4, ... behind it.
template <class IsBefore>
LabelId near_partition_point(LabelId first, LabelId last, const IsBefore& is_before) {
  for (LabelId step = 1; step < last - first; step *= 2) {
    if (!is_before(first + step - 1)) return partition_point(first, first + step - 1, is_before);
    first += step;
  }
  return partition_point(first, last, is_before);
}

}  // namespace

LabelRange prefix_range(const StringTable& keys, std::string_view prefix) {
  return prefix_range(keys, prefix, {0, static_cast<LabelId>(keys.size())});
}

LabelRange prefix_range(const StringTable& keys, std::string_view prefix, LabelRange among) {
  const auto beginning = [&](LabelId i) { return keys[i].substr(0, prefix.size()); };
  const LabelId first = partition_point(among.first, among.last, [&](LabelId i) { return beginning(i) < prefix; });
  return {first, near_partition_point(first, among.last, [&](LabelId i) { return beginning(i) == prefix; })};
}

LabelId place_of(const StringTable& keys, std::string_view text) {
  return place_of(keys, text, {0, static_cast<LabelId>(keys.size())});
}

LabelId place_of(const StringTable& keys, std::string_view text, LabelRange among) {
  return partition_point(among.first, among.last, [&](LabelId i) { return keys[i] < text; });
}

std::optional<LabelId> find_key(const StringTable& keys, std::string_view text) {
  const LabelId place = place_of(keys, text);
  return place < keys.size() && keys[place] == text ? std::optional(place) : std::nullopt;
}

std::string_view known_prefix(const StringTable& keys, std::string_view prefix) {
  const auto size = static_cast<LabelId>(keys.size());
  // The neighbours of the prefix's position share the longest beginning with it.
  const LabelId place = place_of(keys, prefix);
  std::size_t length = 0;
  if (place < size) length = common_prefix(keys[place], prefix);
  if (place > 0) length = std::max(length, common_prefix(keys[place - 1], prefix));
  while (length > 0 && length < prefix.size() && !begins_point(prefix[length]))
    --length;
  return prefix.substr(0, length);
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  const std::size_t size = std::min(a.size(), b.size());
  return static_cast<std::size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(size), b.begin()).first - a.begin());
}

}  // namespace xmr
