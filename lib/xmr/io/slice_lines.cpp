#include "xmr/io/slice_lines.hpp"

#include <utility>

#include <fmt/format.h>

#include "xmr/io/lines.hpp"
#include "xmr/util/error.hpp"

namespace xmr {

std::uint64_t slice_lines(InputFile input, const Selection& lines, OutputFile& selected, OutputFile* others) {
  LineBlocks blocks(std::move(input));
  std::uint64_t count = 0;
  for (LineBlock block; blocks.next(block);) {
    for (const Line line : block) {
      OutputFile* out = lines.contains(count++) ? &selected : others;
      if (out == nullptr) continue;
      out->write(line.text);
      out->write("\n");
    }
  }
  if (lines.needs() > count)
    throw DataError(blocks.name(), fmt::format("row {} is not there: there are {} rows", lines.needs() - 1, count));
  return count;
}

}  // namespace xmr
