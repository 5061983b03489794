// Packed text.
#include <array>

#include "xmr/io/file.hpp"

#include "fuzz/fuzz.hpp"

FUZZ(bytes) {
  static MemoryFile file;
  xmr::InputFile input(file.holding(bytes));
  std::array<char, 4096> buffer{};
  std::size_t total = 0;  // a small file may unpack to much
  while (const std::size_t n = input.read(buffer))
    if ((total += n) > std::size_t{1} << 22) break;
}
