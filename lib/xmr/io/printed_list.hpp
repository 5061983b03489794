#pragma once
// Lists of labels as other programs print them into a field of CSV: Python's ['a', "it's"] and ('a', 'b'), NumPy's
// ['a' 'b'] and [1 2], JSON's ["a", 3], Java's [a, b], PostgreSQL's {a,"b c"}. Thread rule: pure function.

#include <string>
#include <string_view>

namespace xmr {

// If the field is such a list, appends kListMark and the item for each item, with blanks for TABs and line breaks, and
// returns true. Else appends nothing and returns false: "[x]" is a key like any other.
bool append_printed_list(std::string_view field, std::string& out);

}  // namespace xmr
