#include "xmr/io/descriptor.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>

#include <fcntl.h>
#include <fmt/format.h>

#include "xmr/util/error.hpp"

namespace xmr {

void write_all(int fd, std::string_view bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), std::min<std::size_t>(bytes.size(), SSIZE_MAX));
    if (n < 0) {
      if (errno == EINTR) continue;
      throw IoError(name, "write", errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::size_t read_some(int fd, std::span<char> buffer, const std::string& name) {
  while (true) {
    const ssize_t n = ::read(fd, buffer.data(), std::min<std::size_t>(buffer.size(), SSIZE_MAX));
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EINTR) throw IoError(name, "read", errno);
  }
}

Descriptor unlinked_temporary() {
  const char* const chosen = std::getenv("TMPDIR");
  const std::string folder = chosen == nullptr || *chosen == '\0' ? "/tmp" : chosen;
  Descriptor fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (fd.get() >= 0) return fd;
  std::string name = fmt::format("{}/xmr.XXXXXX", folder);
  fd = Descriptor(::mkostemp(name.data(), O_CLOEXEC));
  if (fd.get() < 0)
    throw IoError(folder, "create a temporary file in", errno,
                  "the variable TMPDIR names the folder of temporary files: export TMPDIR=/tmp");
  ::unlink(name.c_str());
  return fd;
}

}  // namespace xmr
