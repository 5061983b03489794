#pragma once
// Texts that a user types for a query when beginning with another word of it: its words in another order, and the query
// from a later word on. The last word is cut at random.
//
// Words: as in words.hpp. A query with one word has no such text. Thread rule: pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "xmr/util/random.hpp"

namespace xmr {

// "python3-dev-doc" may become "doc-py": the words are shuffled, the separators stay in place, and at least one
// character of the second word is typed.
std::optional<std::string> reordered(std::string_view query, Random& random);

// "python3-dev-doc" may become "dev-d".
std::optional<std::string> from_later_word(std::string_view query, Random& random);

}  // namespace xmr
