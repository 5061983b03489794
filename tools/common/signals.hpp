#pragma once
// Signals of a tool. SIGINT and SIGTERM set a flag, so that the tool unwinds and removes its temporary files. A file
// that cannot grow, and a mapped file that shrinks, are errors.

#include <string_view>

namespace xmr::tools {

// Installs the handlers. After the call
// - the first SIGINT or SIGTERM only sets the flag and makes a waiting read of stdin fail; the next one ends the
//   process at once with exit code 130. A signal that is ignored (nohup) stays ignored;
// - writing beyond the limit on the size of files fails (EFBIG) instead of ending the process by SIGXFSZ;
// - reading a mapped file where somebody has cut it, or where the disk fails, prints an error line in the name of
//   `tool` (at most 63 bytes) and exits with 1, instead of dying of SIGBUS. Temporary files then stay for the next run;
// - the same where memory ends in code that must not throw, instead of abort().
void take_signals(std::string_view tool);

bool interrupted() noexcept;

}  // namespace xmr::tools
