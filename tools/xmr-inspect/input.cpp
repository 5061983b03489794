#include "xmr-inspect/input.hpp"

#include <array>
#include <cerrno>
#include <cstdio>

#include <unistd.h>

#include "xmr/util/error.hpp"

#include "common/options.hpp"

namespace xmr::tools {
namespace {

// Puts a file with the same content in the place of stdin.
void spool_stdin(InputFile input) {
  std::FILE* spool = std::tmpfile();
  if (spool == nullptr) throw IoError(input.name(), "create a temporary file for", errno);
  std::array<char, 1 << 16> buffer{};
  while (const std::size_t n = input.read(buffer))
    if (std::fwrite(buffer.data(), 1, n, spool) != n) throw IoError(input.name(), "write the temporary file of", errno);
  if (std::fflush(spool) != 0 || ::dup2(::fileno(spool), STDIN_FILENO) < 0)
    throw IoError(input.name(), "write the temporary file of", errno);
  std::fclose(spool);
}

}  // namespace

std::vector<std::string> reopenable(std::vector<std::string> paths) {
  check_dash_once("stdin", {paths});
  for (std::string& path : paths) {
    if (path != "-") continue;
    InputFile input("-");
    if (input.is_terminal()) throw ConfigError("-: stdin is a terminal", "name a file, or send one by a pipe");
    if (!input.is_regular()) spool_stdin(std::move(input));
    path = "/dev/stdin";
  }
  return paths;
}

FileKind kind_of(const std::string& path) {
  InputFile input(path);
  return recognize(input.peek(64));
}

}  // namespace xmr::tools
