#pragma once
// Files of other programs, told from their first bytes: each is refused by its name, with a command that makes text or
// a matrix of it. Thread rule: pure functions.

#include <string>
#include <string_view>

namespace xmr {

// Throws DataError if the first bytes of an input are not UTF-8 text: a packing that is not built in, another program's
// container, UTF-16 or UTF-32, or binary data. Arrays pass: callers name the required form instead.
void require_text(const std::string& file, std::string_view first_bytes);

// Returns the words for a file of another program, such as "is a pickle of Python's", or empty.
std::string_view name_of_foreign(std::string_view first_bytes);

// Throws the FormatError for a file with these first bytes in place of a matrix.
[[noreturn]] void refuse_as_matrix(const std::string& file, std::string_view first_bytes);

}  // namespace xmr
