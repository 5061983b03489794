#include "xmr/io/spool.hpp"

#include <cerrno>

#include "xmr/util/error.hpp"

namespace xmr {
namespace {

const std::string kName = "temporary file";

}  // namespace

void Spool::append(std::string_view bytes) {
  write_all(fd_.get(), bytes, kName);
  size_ += bytes.size();
}

void Spool::read(std::uint64_t position, std::span<char> buffer) const {
  while (!buffer.empty()) {
    const ssize_t n = ::pread(fd_.get(), buffer.data(), buffer.size(), static_cast<off_t>(position));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw IoError(kName, "read", n < 0 ? errno : EIO);
    position += static_cast<std::uint64_t>(n);
    buffer = buffer.subspan(static_cast<std::size_t>(n));
  }
}

}  // namespace xmr
