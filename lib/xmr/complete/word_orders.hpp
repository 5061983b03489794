#pragma once
// Texts that are typed for a query by somebody who begins with another word of it: its words in another order, and the
// query from a later word on. The last word is cut at random.
//
// Words are those of words.hpp; a query with one word has no such text. Thread rule: pure functions.

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
