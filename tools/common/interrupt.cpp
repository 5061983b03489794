#include "common/interrupt.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <unistd.h>

namespace xmr::tools {

namespace {

std::atomic<bool> flag{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void on_signal(int) {
  if (flag.exchange(true)) _exit(130);
  // Without SA_RESTART a read that waits for stdin returns now; its reader may try again, so stdin becomes something
  // that cannot be read. (An end of file instead would look like a whole input.)
  const int saved = errno;
  const int unreadable = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (unreadable >= 0) {
    dup2(unreadable, STDIN_FILENO);
    close(unreadable);
  }
  errno = saved;
}

}  // namespace

void note_interrupts() {
  for (const int number : {SIGINT, SIGTERM}) {
    struct sigaction action = {};
    if (sigaction(number, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, nullptr);
  }
}

bool interrupted() noexcept {
  return flag.load(std::memory_order_relaxed);
}

}  // namespace xmr::tools
