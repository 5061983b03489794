#pragma once
// Files of other programs, told from their first bytes: each is refused by its name, with a command that makes text or
// a matrix of it. Thread rule: pure functions.

#include <string>
#include <string_view>

namespace xmr {

// DataError if the bytes with which an input begins are not those of UTF-8 text: a packing that is not built in,
// another program's container, UTF-16 or UTF-32, or binary data. Arrays pass: callers say what is needed instead.
void require_text(const std::string& file, std::string_view first_bytes);

// Returns the words for a file of another program, such as "is a pickle of Python's"; empty for others.
std::string_view name_of_foreign(std::string_view first_bytes);

// Throws the FormatError for a file, which begins so, in place of a matrix.
[[noreturn]] void refuse_as_matrix(const std::string& file, std::string_view first_bytes);

}  // namespace xmr
