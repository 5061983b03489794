#pragma once
// A file without a name in the folder of temporaries, for what does not fit into memory: appended to, and read
// anywhere. It is gone when the object is, however the process ends.
// Errors: IoError. Thread rule: one thread at a time per object.

#include <cstdint>
#include <span>
#include <string_view>

#include "xmr/io/descriptor.hpp"

namespace xmr {

class Spool {
 public:
  void append(std::string_view bytes);
  // Fills `buffer` from `position` on; the bytes lie within size().
  void read(std::uint64_t position, std::span<char> buffer) const;
  std::uint64_t size() const noexcept { return size_; }

 private:
  Descriptor fd_ = unlinked_temporary();
  std::uint64_t size_ = 0;
};

}  // namespace xmr
