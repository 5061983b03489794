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

// The command "PROGRAM FILE > FILE.ENDING", for hints; empty if the file is <stdin>.
std::string changed_by(std::string_view program, std::string_view file, std::string_view ending);

}  // namespace xmr
