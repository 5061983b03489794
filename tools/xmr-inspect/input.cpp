#include "xmr-inspect/input.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "xmr/util/error.hpp"

#include "common/options.hpp"

namespace xmr::tools {
namespace {

// Copies the input to a file without a name. Returns its descriptor, which stays open until the process ends.
int spooled(InputFile input) {
  std::FILE* spool = std::tmpfile();
  if (spool == nullptr) throw IoError(input.name(), "create a temporary file for", errno);
  std::array<char, 1 << 16> buffer{};
  while (const std::size_t n = input.read(buffer))
    if (std::fwrite(buffer.data(), 1, n, spool) != n) throw IoError(input.name(), "write the temporary file of", errno);
  const int kept = std::fflush(spool) == 0 ? ::dup(::fileno(spool)) : -1;
  if (kept < 0) throw IoError(input.name(), "write the temporary file of", errno);
  std::fclose(spool);
  return kept;
}

}  // namespace

std::vector<std::string> reopenable(std::vector<std::string> paths) {
  check_dash_once("stdin", {paths});
  for (std::string& path : paths) {
    std::error_code unreadable;  // is told where it is read
    if (path != "-" && !std::filesystem::is_fifo(path, unreadable)) continue;
    InputFile input(path);
    if (input.is_terminal()) throw ConfigError("-: stdin is a terminal", "name a file, or send one through a pipe");
    if (path != "-") {
      path = fmt::format("/dev/fd/{}", spooled(std::move(input)));
      continue;
    }
    if (!input.is_regular() && ::dup2(spooled(std::move(input)), STDIN_FILENO) < 0)
      throw IoError("<stdin>", "replace", errno);
    path = "/dev/stdin";
  }
  return paths;
}

FileKind kind_of(const std::string& path) {
  InputFile input(path);
  return recognize(input.peek(64));
}

}  // namespace xmr::tools
