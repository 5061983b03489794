#pragma once
// Facts in JSON printed as text: names and values in two columns, lists of objects as tables.

#include <string>

#include "xmr/io/json.hpp"

namespace xmr {
struct Spread;
}

namespace xmr::tools {

// {"min": 1, "median": 2, "mean": 2.5, "max": 9}, which as_text() prints as "1..9, median 2, mean 2.50". (It prints
// {"from": 1, "to": 9} as "1..9".)
Json facts_of(const Spread& spread);

// Every line indented by two blanks and ended by LF; "_" in names is printed as a blank.
std::string as_text(const Json& facts);

}  // namespace xmr::tools
