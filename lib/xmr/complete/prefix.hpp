#pragma once
// Prefixes over keys that increase bytewise: the keys that begin with one are a range. Binary searches, allocates
// nothing. Thread rule: pure functions.

#include <string_view>

#include "xmr/io/names.hpp"
#include "xmr/util/types.hpp"

namespace xmr {

// The keys that begin with `prefix`, a key that equals it included; all of them for the empty prefix.
LabelRange prefix_range(const StringTable& keys, std::string_view prefix);
// Those among the keys of a range.
LabelRange prefix_range(const StringTable& keys, std::string_view prefix, LabelRange among);

// Where `text` stands or would stand: the number of keys before it.
LabelId place_of(const StringTable& keys, std::string_view text);

// The longest beginning of `prefix`, whole code points, that a key begins with; empty if there is none.
std::string_view known_prefix(const StringTable& keys, std::string_view prefix);

// Bytes that two texts have in common at their beginning.
std::size_t common_prefix(std::string_view a, std::string_view b);

}  // namespace xmr
