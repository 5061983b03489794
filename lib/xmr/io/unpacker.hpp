#pragma once
// The text of a packed file, unpacked by a thread of its own while the caller works on what came before.
//
//   Unpacker text(descriptor, "a.tsv.gz", Packing::gzip, first_bytes);
//   while (const std::size_t n = text.read(buffer)) ...
//
// If the packed input makes the thread wait (a pipe), the text unpacked so far is given out at once. Memory:
// 2 MiB and the decoder's. Errors: IoError; FormatError for a damaged or cut stream with the byte of the file, after
// the text before the damage. Thread rule: one thread at a time per object.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "xmr/io/descriptor.hpp"
#include "xmr/io/packing.hpp"

namespace xmr {

class Unpacker {
 public:
  // Reads `from`, which the caller keeps open, on from `first_bytes`.
  Unpacker(int from, std::string name, Packing packing, std::string_view first_bytes);
  ~Unpacker();
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  // At least 1 byte (waits for it) and at most buffer.size(); 0 at the end.
  std::size_t read(std::span<char> buffer);

 private:
  using Chunk = std::vector<char>;

  void work();
  void unpack();
  // False if the object is being destroyed. The packed input is ready to be read without waiting if `wait` is false.
  bool wait_for_input(bool& is_ready, bool wait);
  bool deliver(Chunk chunk);
  Chunk empty_chunk();
  [[noreturn]] void fail(std::string_view what, std::uint64_t byte) const;

  int from_;
  std::string name_;
  Packing packing_;
  std::string first_bytes_;
  Descriptor stop_read_, stop_write_;  // a pipe that ends the thread's wait for input

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Chunk> full_;
  std::vector<Chunk> spare_;
  std::exception_ptr failure_;
  bool ended_ = false, stop_ = false;

  Chunk current_;  // the reader's
  std::size_t read_ = 0;
  std::thread thread_;
};

}  // namespace xmr
