#pragma once
// Foreign text inside an error message: quoted, cut to a readable length, and without bytes that could upset a
// terminal.

#include <string>
#include <string_view>

namespace xmr {

// At most 40 bytes of `text` between single quotes, "..." where more was cut off; bytes outside printable ASCII as
// \xNN.
std::string quote(std::string_view text);

// `text` as one word of a POSIX shell, quoted where it must be: for commands in hints.
std::string shell_word(std::string_view text);

}  // namespace xmr
