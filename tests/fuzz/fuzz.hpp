#pragma once
// Common code of the programs under tests/fuzz. Each is one function that gives bytes to a reader:
//
//   FUZZ(bytes) {
//     static MemoryFile file;
//     LabelNames::read(file.holding(bytes));
//   }
//
// With clang and -fsanitize=fuzzer it is a libFuzzer target (make torture); otherwise replay.cpp runs it on given
// files, as a test. A reader may refuse its bytes only with an xmr::Error.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "xmr/util/error.hpp"

namespace xmr::test {

void fuzz(std::string_view bytes);

// The limit of skipped bad rows: each throws, at some 20 µs with sanitizers, and an input may hold nothing else.
inline constexpr int kMaxThrown = 10;

// A file in memory that has a path. Thread rule: one thread.
class MemoryFile {
 public:
  MemoryFile();
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  // The path of a file with these bytes, until the next call.
  const std::string& holding(std::string_view bytes);

 private:
  int descriptor_;
  std::string path_;
};

// A folder whose files are in memory. Thread rule: one thread.
class MemoryFolder {
 public:
  // The paths of its files, 26 at most.
  explicit MemoryFolder(const std::vector<std::string>& files);
  ~MemoryFolder();
  MemoryFolder(const MemoryFolder&) = delete;
  MemoryFolder& operator=(const MemoryFolder&) = delete;

  // The path of the folder with these contents, until the next call: "==>b" is followed by the bytes of its second
  // file. Archives get right checksums; files that are not named are empty.
  const std::string& holding(std::string_view contents);

 private:
  std::string path_;
  std::deque<MemoryFile> files_;
};

// Returns an npz archive as an attacker would write it: the CRC-32 of each stored member and the checksum of each chunk
// of weights are right, whatever else is wrong. Other bytes are returned unchanged.
std::string with_right_checksums(std::string_view archive);

// Reads an input in two ways; one of them may refuse it.
template <class First, class Second>
void either(const First& first, const Second& second) {
  bool taken = true;
  try {
    first();
  } catch (const Error&) {
    taken = false;
  }
  try {
    second();
  } catch (const Error&) {
    if (!taken) throw;
  }
}

}  // namespace xmr::test

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): the entry of a fuzzer is a function with a fixed name
#define FUZZ(bytes)                                                                   \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
    try {                                                                             \
      xmr::test::fuzz(std::string_view(reinterpret_cast<const char*>(data), size));   \
    } catch (const xmr::Error&) {                                                     \
      return 0;                                                                       \
    }                                                                                 \
    return 0;                                                                         \
  }                                                                                   \
  void xmr::test::fuzz(std::string_view bytes)
