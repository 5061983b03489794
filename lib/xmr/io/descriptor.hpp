#pragma once
// A POSIX descriptor that closes itself, and reads and writes that continue after EINTR and
// short counts. Only io/ uses it; other modules use file.hpp and spool.hpp.
// Errors: IoError with the name that is given. Thread rule: one thread at a time per object.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <unistd.h>

namespace xmr {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  int get() const { return fd_; }
  // True unless the system reports a write error that it had kept until now.
  bool close() {
    const int fd = std::exchange(fd_, -1);
    return fd <= 2 || ::close(fd) == 0;  // 0 to 2 are the process's own and stay open
  }

 private:
  int fd_ = -1;
};

void write_all(int fd, std::string_view bytes, const std::string& name);
// At least one byte (waits for it), 0 at the end.
std::size_t read_some(int fd, std::span<char> buffer, const std::string& name);
// A file without a name, in the folder of temporaries.
Descriptor unlinked_temporary();

}  // namespace xmr
