#include "common/signals.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <initializer_list>
#include <new>
#include <span>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace xmr::tools {

namespace {

std::atomic<bool> flag{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void on_signal(int) {
  if (flag.exchange(true)) _exit(130);
  // Without SA_RESTART a read that waits for stdin returns now; its reader may try again, so stdin becomes unreadable.
  // (An end of file instead would look like a whole input.)
  const int saved = errno;
  const int unreadable = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (unreadable >= 0) {
    dup2(unreadable, STDIN_FILENO);
    close(unreadable);
  }
  errno = saved;
}

std::array<char, 64> tool_name{};

// One line of /proc/self/maps: "begin-end permissions offset device inode path".
struct Mapping {
  std::uintptr_t begin = 0, end = 0;
  std::string_view path;
};
Mapping parse_mapping(std::string_view line) {
  Mapping mapping;
  const char* const stop = line.data() + line.size();
  const auto begin = std::from_chars(line.data(), stop, mapping.begin, 16);
  if (begin.ptr != stop) std::from_chars(begin.ptr + 1, stop, mapping.end, 16);
  const std::size_t path = line.find('/');
  if (path != std::string_view::npos) mapping.path = line.substr(path);
  return mapping;
}

// Returns the file that is mapped at an address, in `buffer`, or empty. Calls only functions that signal handlers may
// call.
std::string_view file_mapped_at(std::uintptr_t address, std::span<char> buffer) {
  const int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (maps < 0) return {};
  std::size_t filled = 0;
  for (ssize_t n = 0; (n = read(maps, buffer.data() + filled, buffer.size() - filled)) > 0;) {
    filled += static_cast<std::size_t>(n);
    std::string_view rest(buffer.data(), filled);
    for (std::size_t length = 0; (length = rest.find('\n')) != std::string_view::npos;) {
      const Mapping mapping = parse_mapping(rest.substr(0, length));
      if (mapping.begin <= address && address < mapping.end) {
        close(maps);
        return mapping.path;
      }
      rest.remove_prefix(length + 1);
    }
    std::copy(rest.begin(), rest.end(), buffer.begin());
    filled = rest.size();
  }
  close(maps);
  return {};
}

// Needs no memory.
[[noreturn]] void end_with_error(std::initializer_list<std::string_view> message) {
  const auto print = [](std::string_view text) {
    if (write(STDERR_FILENO, text.data(), text.size()) < 0) _exit(1);
  };
  print(tool_name.data());
  print(": error: ");
  for (const std::string_view part : message)
    print(part);
  _exit(1);
}

void on_bus_error(int number, siginfo_t* info, void*) {
  static std::array<char, 8192> buffer;  // a signal handler's stack may be small
  const std::string_view path = file_mapped_at(reinterpret_cast<std::uintptr_t>(info->si_addr), buffer);
  if (path.empty()) {  // not about a file: a bug, which the default action reveals
    signal(number, SIG_DFL);
    return;
  }
  end_with_error({path, ": cannot read: it was cut while it was in use, or its disk failed\n"});
}

// Ends the process with an error if memory ended where nothing may throw. Aborts for anything else, a bug.
[[noreturn]] void on_terminate() {
  try {
    if (const std::exception_ptr thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    end_with_error({"not enough memory\n"});
  } catch (...) {
  }
  std::abort();
}

void take(int number, const struct sigaction& action) {
  struct sigaction inherited = {};
  if (sigaction(number, nullptr, &inherited) == 0 && inherited.sa_handler != SIG_IGN)
    sigaction(number, &action, nullptr);
}

}  // namespace

void take_signals(std::string_view tool) {
  std::copy_n(tool.begin(), std::min(tool.size(), tool_name.size() - 1), tool_name.begin());
  std::set_terminate(on_terminate);
  struct sigaction action = {};
  sigemptyset(&action.sa_mask);
  action.sa_handler = on_signal;
  take(SIGINT, action);
  take(SIGTERM, action);
  action.sa_handler = SIG_IGN;
  take(SIGXFSZ, action);
  action.sa_flags = SA_SIGINFO;
  action.sa_sigaction = on_bus_error;
  take(SIGBUS, action);
}

bool interrupted() noexcept {
  return flag.load(std::memory_order_relaxed);
}

}  // namespace xmr::tools
