#pragma once
// SIGINT and SIGTERM as a flag, so that a tool ends by unwinding and leaves no temporary files behind.

namespace xmr::tools {

// From now on the first SIGINT or SIGTERM only sets the flag and makes a waiting read of stdin fail; the next one ends
// the process at once with exit code 130. A signal that is ignored (nohup) stays ignored.
void note_interrupts();

bool interrupted() noexcept;

}  // namespace xmr::tools
