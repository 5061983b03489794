#pragma once
// Statistics of a text file: lines, words, bytes and faults, in one pass.

#include <cstdint>

#include "xmr/io/file.hpp"

namespace xmr {

struct TextStatistics {
  std::uint64_t bytes = 0, lines = 0, empty_lines = 0;
  std::uint64_t longest_line = 0;                     // in bytes
  std::uint64_t least_columns = 0, most_columns = 0;  // separated by TAB
  std::uint64_t ill_formed_lines = 0;                 // not UTF-8
};

// One pass in bounded memory. Errors: as LineBlocks.
TextStatistics text_statistics(InputFile input);

}  // namespace xmr
