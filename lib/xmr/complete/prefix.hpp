#pragma once
// Prefixes over keys that increase bytewise: the keys with a prefix are a range. Binary searches without allocation.
// Thread rule: pure functions.

#include <optional>
#include <string_view>

#include "xmr/io/names.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

// Returns the keys that begin with `prefix`, including an equal key. The empty prefix gives all keys.
LabelRange prefix_range(const StringTable& keys, std::string_view prefix);
// Returns the keys of a range that begin with `prefix`.
LabelRange prefix_range(const StringTable& keys, std::string_view prefix, LabelRange among);

// Returns the number of keys before `text`.
LabelId place_of(const StringTable& keys, std::string_view text);
// The same for a text that begins with the prefix whose prefix_range() is given.
LabelId place_of(const StringTable& keys, std::string_view text, LabelRange among);

// Returns the number of the key that equals `text`, or nullopt.
std::optional<LabelId> find_key(const StringTable& keys, std::string_view text);

// Returns the longest beginning of `prefix`, in whole code points, that a key begins with; empty without one.
std::string_view known_prefix(const StringTable& keys, std::string_view prefix);

// Returns the number of equal bytes at the beginning of two texts.
std::size_t common_prefix(std::string_view a, std::string_view b);

}  // namespace xmr
